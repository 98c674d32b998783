// biome-ignore-all lint/suspicious/noTemplateCurlyInString: text for the shell of a host
import type { TaskProgramParts } from "./posix.ts";
import { type Nonce, type Program, programLine, quoteWord, readLoop } from "./posix-words.ts";

/**
 * The claim: what makes an execution happen at most once on a POSIX host, and outlive connection and controller.
 *
 * The wrapper makes a file named by the execution, in a private folder of the account that signs in, with the shell's own
 * noclobber (`O_CREAT | O_EXCL`): one only can succeed in it, and whoever finds it starts nothing. Beside it the command's
 * output, up to the limit, is kept until the controller says that it has the end on disk (a line on the wrapper's input);
 * then it is emptied at once, and the files are removed when the shell ends or has left a few of them. What a shell does is
 * in posix-claim-functions.ts, and why in docs/adr/an-execution-is-claimed-on-its-host.md.
 *
 *   NAME.b   the claim, by lines: `PID PARENT NONCE` of the wrapper (or `t`, a tombstone: it never began and never will),
 *            the command's process, what the shell said of a signal that ended it, `x c0` or `x sKILL` (how it ended), `d`
 *            (its output is complete), `s` (settled). The wrapper holds it open as descriptor 6, which shows that it lives.
 *   NAME.o, NAME.e   what the command printed        NAME.a   who looks on
 */

/** Names an execution on its host: letters, digits and `-`. */
export type ClaimName = string;

export function claimName(runUid: string, position: number): ClaimName {
  return `${runUid.replaceAll(/[^A-Za-z0-9]/g, "-").slice(0, 80)}-${position}`;
}

export interface ClaimOptions {
  readonly nonce: Nonce;
  readonly name: ClaimName;
  /** Bytes of each stream kept on the host. */
  readonly outputBytes: number;
  /** The shell has run a claimed program before. */
  readonly again?: boolean;
  /**
   * Seconds since it may have been started before. Then every place is searched first, and it only starts on a host
   * that is up for longer, as a restart may have taken the claim away.
   */
  readonly againAfter?: number;
}

/** The word that the result is on the controller's disk; else (the connection was lost) all stays. */
export const settledLine = "om:settled\n";

/** A host that is up for less may have lost what it knew. */
function uptimeCheck(nonce: Nonce, seconds: number): string {
  return `om_u=0; [ ! -r /proc/uptime ] || read -r om_u om_r </proc/uptime; [ "\${om_u%%.*}" -gt ${Math.ceil(seconds)} ] || { printf '%s restarted\\n' ${nonce}; exit 0; }`;
}

/** Claims, then runs `task` (statements for a subshell; its input is the channel's) under the claim. */
function claimedLine(
  options: ClaimOptions,
  task: readonly string[],
  {
    input = [],
    fed = false,
    goesOn = false,
  }: Partial<Pick<TaskProgramParts, "input" | "fed">> & Pick<Program, "goesOn"> = {},
): string {
  const { nonce, name, outputBytes, again, againAfter } = options;
  const search =
    againAfter === undefined
      ? []
      : [
          'om_m=false; for om_w in om_home om_tmp; do if $om_w && [ -e "$om_i.b" ]; then om_say taken; fi; done',
          uptimeCheck(nonce, againAfter),
        ];
  return programLine(
    [
      ...input,
      `om_h=$PWD; om_i=${name}; om_N=${nonce}; om_B=${Math.ceil(outputBytes / 512) + 128}; om_F=${fed ? 1 : ""}; om_K=${goesOn ? 1 : ""}`,
      `om_task() { ${task.join("; ")}; }`,
      ...search,
      "om_claim; om_watch",
    ],
    again,
  );
}

/** The program with a claim around it; the account that signs in is the one that runs it. */
export function claimedProgram(parts: TaskProgramParts, options: ClaimOptions): Program {
  const open = parts.direct ? [] : [sayWrapped(options)];
  const goesOn = parts.direct && parts.bytes === undefined;
  return {
    line: claimedLine(options, [...open, ...parts.statements], { ...parts, goesOn }),
    goesOn,
    ...(parts.bytes === undefined ? {} : { input: parts.bytes }),
    asksContent: parts.asksContent,
    marksStderr: !parts.direct,
  };
}

/** Opens stdout, and tells the wrapper's process; the program itself has its say on stderr. */
function sayWrapped({ nonce }: ClaimOptions): string {
  return `printf '%s wrap %s\\n' ${nonce} $$ >&7`;
}

/** A claim around sudo and a reader behind it, which takes the program itself (with `claimed` parts) as its line. */
export function claimedBecomeLine(user: string, password: boolean, options: ClaimOptions): string {
  const { nonce } = options;
  const asks = password ? `-S -p ${quoteWord(`${nonce}?`)}` : "-n";
  const reader = `printf "%s ready\\n" ${nonce} >&2; ${readLoop}`;
  const command = [
    sayWrapped(options),
    "command -v sudo >/dev/null 2>&1 || { printf '%s\\n' 'sudo is not installed on this host' >&2; exit 127; }",
    `printf '%s sudo %s\\n' ${nonce} "$om_p" >&2`,
    `exec sudo -H ${asks} -u ${quoteWord(user)} -- /bin/sh -c ${quoteWord(reader)} 6>&- 7>&-`,
  ];
  return claimedLine(options, command);
}

/** Removes a claim whose wrapper may still wait, e.g. for what the command left behind in the background. */
export function removeProgram(name: ClaimName): Program {
  return {
    line: programLine([
      `om_i=${name}`,
      "om_m=false",
      'for om_w in om_home om_tmp; do if $om_w && [ -e "$om_i.b" ]; then om_p=; read -r om_p om_q <"$om_i.b"; if om_alive "$om_i.b"; then kill -KILL "$om_p"; fi; rm -f "$om_i".*; fi; done 2>/dev/null',
      "exit 0",
    ]),
    asksContent: false,
    marksStderr: false,
  };
}

export interface FollowOptions {
  readonly nonce: Nonce;
  readonly name: ClaimName;
  /** Bytes of each kept stream that are not wanted. */
  readonly stdoutFrom: number;
  readonly stderrFrom: number;
  /** Leaves a tombstone where nothing is found, if the host is up for longer than so many seconds. */
  readonly buryAfter?: number;
}

/**
 * Finds a claim again and follows it to its end: says `none`, `never` (a tombstone stands there), or `found` with the
 * wrapper's nonce, the command's process, the wrapper's age in seconds and its process, then what is kept and what comes,
 * then `exit` and `done` as the wrapper itself; `lost` instead when the wrapper is gone and left no word of the end.
 */
export function followProgram({ nonce, name, stdoutFrom, stderrFrom, buryAfter }: FollowOptions): Program {
  const say = (words: string) => `printf '%s ${words}\\n' ${nonce}`;
  const bury =
    buryAfter === undefined
      ? []
      : [
          uptimeCheck(nonce, buryAfter),
          "om_m=mkdir; set -C",
          `if om_home || om_tmp; then if printf 't\\n' 2>/dev/null >"$om_i.b"; then ${say("never")}; exit 0; fi; [ ! -e "$om_i.b" ] || om_c=1; fi`,
          "set +C",
        ];
  return {
    line: programLine([
      `om_i=${name}`,
      "om_m=false; om_c=",
      'for om_w in om_home om_tmp; do if $om_w && [ -e "$om_i.b" ]; then om_c=1; break; fi; done',
      `if [ -z "$om_c" ]; then ${[...bury, `[ -n "$om_c" ] || { ${say("none")}; exit 0; }`].join("; ")}; fi`,
      // The claim's lines as they are now.
      'om_read() { om_p=; om_q=; om_o=; om_k=-; om_x=; om_f=; { read -r om_p om_q om_o; while read -r om_r om_s; do case $om_r in x) om_x=$om_s;; s) om_x=;; d) om_f=1;; [0-9]*) om_k=$om_r;; esac; done; } <"$om_i.b"; }',
      // Claimed this moment: its wrapper is about to write who it is.
      'for om_w in 1 2 3 4; do om_read; [ -z "$om_p" ] || break; sleep 1; done',
      `[ "$om_p" != t ] || { ${say("never")}; exit 0; }`,
      // Its parent serves a connection that is lost: with its end the tees stop waiting for it.
      `om_g=0; if om_alive "$om_i.b" && [ -r "/proc/$om_p/stat" ]; then read -r om_s <"/proc/$om_p/stat"; read -r om_u om_r </proc/uptime; set -- \${om_s##*) }; [ -n "$om_f" ] || [ "$2" != "$om_q" ] || [ "$2" = "$PPID" ] || [ "$2" -lt 2 ] || kill "$2" 2>/dev/null; shift 19; om_g=$((\${om_u%%.*} - $1 / 100)); fi`,
      // At most one of us looks on.
      'exec 6>>"$om_i.a"; while read -r om_r; do [ ! "/proc/$om_r/fd/6" -ef "$om_i.a" ] || kill "$om_r" 2>/dev/null; done <"$om_i.a"; printf \'%s\\n\' $$ >&6',
      `printf '%s found %s %s %s %s\\n' ${nonce} "\${om_o:--}" "$om_k" "$om_g" "\${om_p:--}"`,
      `om_a=${stdoutFrom}; om_b=${stderrFrom}; om_e=; om_y=`,
      `om_put() { om_z=0; [ ! -e "$1" ] || om_z=$(($(wc -c <"$1"))); if [ $om_z -gt $2 ]; then tail -c +$(($2 + 1)) "$1" | head -c $((om_z - $2)) || exit 0; else om_z=$2; fi; }`,
      [
        "while :; do om_w=",
        'om_alive "$om_i.b" || om_w=1',
        "om_read",
        'om_put "$om_i.o" $om_a',
        "om_a=$om_z",
        'om_put "$om_i.e" $om_b >&2',
        '[ $om_z -eq $om_b ] || om_e=" both"',
        "om_b=$om_z",
        `if [ -n "$om_x" ] && [ -z "$om_y" ]; then om_y=$om_x; printf '%s exit %s\\n' ${nonce} "$om_x"; fi`,
        '[ -z "$om_f$om_w" ] || break',
        // The connection that we serve is gone.
        '[ ! -d /proc/self ] || [ -d "/proc/$PPID" ] || exit 0',
        "sleep 0.3 2>/dev/null || sleep 1; done",
      ].join("; "),
      `[ -z "$om_e" ] || printf '%s done\\n' ${nonce} >&2`,
      `if [ -n "$om_x" ]; then om_x=done; else om_x=lost; fi; printf '%s %s%s\\n' ${nonce} $om_x "$om_e"`,
      "om_settled; om_old; exit 0",
    ]),
    asksContent: false,
    marksStderr: false,
  };
}
