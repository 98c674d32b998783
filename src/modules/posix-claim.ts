// biome-ignore-all lint/suspicious/noTemplateCurlyInString: text for the shell of a host
import type { TaskProgramParts } from "./posix.ts";
import { type Nonce, type Program, programLine, quoteWord, readLoop } from "./posix-words.ts";

/**
 * The claim: what makes an execution happen at most once on a POSIX host, and outlive connection and controller.
 *
 * The wrapper makes a file named by the execution, in a private folder of the account that signs in, with the shell's own
 * noclobber (`O_CREAT | O_EXCL`): one only can succeed in it, and whoever finds it starts nothing. Beside it the command's
 * output, up to the limit, is kept until the controller says that it has the end on disk (a line on the wrapper's input);
 * then all of it is removed. See docs/adr/an-execution-is-claimed-on-its-host.md.
 *
 *   NAME.b   the claim, by lines: `PID PARENT NONCE` of the wrapper (or `t`, a tombstone: it never began and never will),
 *            the command's process, what the shell said of a signal that ended it, `x c0` or `x sKILL` (how it ended), `d`
 *            (its output is complete). The wrapper holds it open as descriptor 6, which shows that it lives.
 *   NAME.o, NAME.e   what the command printed        NAME.a   who looks on
 *
 * Between command and connection stands `tee`: it goes on when the connection is lost, and writes at most the limit.
 * Descriptors 7 and 8 are the channel's stdout and stderr, 9 is the pipe of the command's stdout.
 *
 * A host pays for each process that this starts and for each byte that its shell reads of it, a run for all of its hosts.
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

/** Claims that nobody fetched are removed when they are older than so many days. */
const keptDays = 7;

/*
 * What a shell of ours knows of claims from its own command line, so that it need not read it byte by byte: without `'`,
 * `!`, `\` and line breaks, like all of that line.
 */

/**
 * Enters the folder of claims. The account's home first, then /var/tmp for accounts without a home that can be written:
 * both outlive a restart, and no variable of the session has a say, so that every session finds the same place. /var/tmp
 * belongs to everybody: only a real folder of our own at that very path will do, and once we stand in it nobody can
 * exchange it. `$om_m` is `mkdir`, or `false` to only look.
 */
const homeFolder = '"$HOME/.local/state/omserver"';
const places = [
  'om_at() { cd -P "$1" 2>/dev/null && [ -O . ] && [ -w . ]; }',
  `om_home() { om_at ${homeFolder} || { $om_m -p -m 700 ${homeFolder} 2>/dev/null && om_at ${homeFolder}; }; }`,
  'om_tmp() { cd -P /var/tmp 2>/dev/null && om_t=$PWD/omserver-${LOGNAME:-$(id -un)} && { $om_m -m 700 "$om_t" 2>/dev/null; om_at "$om_t" && [ "$PWD" = "$om_t" ]; }; }',
];

/** Whether the wrapper `$om_p` of the claim `$1` lives. */
const alive =
  'om_alive() { [ -n "$om_p" ] && if [ -d /proc/self ]; then [ "/proc/$om_p/fd/6" -ef "$1" ]; else kill -0 "$om_p" 2>/dev/null; fi; }';

const removeOld = `om_old() { find . -name . -o -type d -prune -o -name "*.b" -mtime +${keptDays} -print 2>/dev/null | while read -r om_d; do om_p=; read -r om_p om_q <"$om_d"; om_alive "$om_d" || rm -f "\${om_d%b}"*; done; }`;

const signals = "HUP INT QUIT TERM PIPE XFSZ";

/**
 * The functions of a claim. They go by `$om_i` (the claim's name), `$om_N` (the nonce), `$om_h` (where the command is to
 * run), `$om_B` (the output limit in blocks), `$om_F` (set: the command is fed from `$om_s`), `$om_K` (set: the shell goes on)
 * and the function `om_task`, which is the command itself.
 *
 * `om_watch` runs it with tees, tells exit code or signal, and waits for the word that it is settled; then the shell may take
 * another program, forgetting what this one was given. It never does where the command had an input: what is left of one
 * that was not read to its end must not be taken for a program. A shell says on its own stderr when a signal ended the command, and
 * that is how 143 and TERM are told apart; of INT and PIPE shells say nothing, so these look like exit codes.
 */
function claimFunctions(): string[] {
  const run = "( om_sub ) 2>&1 >&9 8>&- 9>&-";
  return [
    ...places,
    alive,
    removeOld,
    'om_say() { echo "$om_N $1"; exit 0; }',
    'om_claim() { om_m=mkdir; om_home || om_tmp || om_say bare; set -C; { command exec 6>"$om_i.b"; } 2>/dev/null || { [ -e "$om_i.b" ] && om_say taken; om_say bare; }; set +C; echo "$$ $PPID $om_N" >&6 || { rm -f "$om_i.b"; om_say bare; }; }',
    'om_tee() { ulimit -f $om_B 2>/dev/null; exec tee "$om_i.$1" /dev/null 2>/dev/null 6>&- 7>&- 8>&- 9>&-; }',
    `om_sub() { ${[
      `trap - ${signals}`,
      'cd -P /proc/self 2>/dev/null; om_p=${PWD##*/}; case $om_p in [1-9]*) ;; *) om_p=$(exec /bin/sh -c "echo $"PPID);; esac',
      'echo "$om_p" >&6',
      'cd "$om_h" 2>/dev/null || cd /',
      "om_task",
    ].join("; ")}; }`,
    `om_end() { ${[
      "om_x=$1; om_y=c",
      // Beside what is known to stand in the claim there is only what the shell said of a signal.
      '[ $1 -le 128 ] || while read -r om_r; do case $om_r in [0-9]*) ;; *) om_y=s; esac; done <"$om_i.b"',
      "[ $om_y = c ] || om_x=$(kill -l $(($1 - 128)))",
      'echo "x $om_y$om_x" >&6',
      'echo "$om_N exit $om_y$om_x" >&7',
    ].join("; ")}; }`,
    'om_settled() { IFS= read -r om_l; [ "$om_l" = om:settled ] || exit 0; rm -f "$om_i.b" "$om_i.o" "$om_i.e" "$om_i.a"; }',
    `om_watch() { ${[
      // bash says how a command ended only outside of its POSIX mode.
      '[ -z "$BASH_VERSION" ] || set +o posix',
      "exec 7>&1 8>&2 2>/dev/null",
      `trap "" ${signals}`,
      `{ { if [ -n "$om_F" ]; then printf %b "$om_s" 2>/dev/null | ${run}; else ${run}; fi; om_end $?; } 2>&6 | om_tee e >&8; } 9>&1 | om_tee o`,
      "echo d >&6",
      'if [ -s "$om_i.e" ]; then echo "$om_N done" >&8; echo "$om_N done both"; else echo "$om_N done"; fi',
      "om_settled",
      // What others left behind: where there is something, about every eighth shell has a look.
      'set -- *.b; if [ -e "$1" ] && [ $(($$ % 8)) -eq 0 ]; then om_old; fi',
      'cd "$om_h" 2>/dev/null || cd /',
      `trap - ${signals}; exec 2>&8 6>&- 7>&- 8>&-`,
      "om_task() { :; }; om_again=$om_K",
    ].join("; ")}; }`,
  ];
}

/** The arguments and the command of a reader that knows claims: all programs of this module are for it. */
export const claimReaderArguments = ["-c", `${claimFunctions().join("; ")}; ${readLoop}`] as const;
export const claimReaderCommand = `exec /bin/sh -c '${claimReaderArguments[1]}'`;

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
      'om_read() { om_p=; om_q=; om_o=; om_k=-; om_x=; om_f=; { read -r om_p om_q om_o; while read -r om_r om_s; do case $om_r in x) om_x=$om_s;; d) om_f=1;; [0-9]*) om_k=$om_r;; esac; done; } <"$om_i.b"; }',
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
