// biome-ignore-all lint/suspicious/noTemplateCurlyInString: text for the shell of a host
import type { Task } from "../contract/engine.ts";

/**
 * The text that runs on a host that has nothing but a POSIX shell.
 *
 * The command line that a login shell or a process list sees is always the constant {@link readerCommand}: it reads
 * one line from its input and evaluates it. Arguments, environment and secrets travel in that line, so they are never
 * on a command line before the program itself starts, no login shell (bash, fish, csh …) has a say in their quoting,
 * and a connection that breaks within the line runs nothing.
 * Marks on stderr (see posix-marks.ts) tell how far it came; the program itself replaces the shell by `exec`, so its
 * exit code or signal is the channel's own.
 */

/** Text without NUL, line breaks allowed, as one word for a POSIX shell. */
export function quoteWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Like {@link quoteWord} without a line break in the result: `$om_n` (see {@link programLine}) stands for each. */
function quoteInLine(text: string): string {
  return quoteWord(text).replaceAll("\n", `'"$om_n"'`);
}

const readLoop = 'while IFS= read -r om_l; do case $om_l in om:*) eval "${om_l#om:}"; exit 125;; esac; done; exit 125';

/** The shell's own arguments: reads one line `om:PROGRAM` and evaluates it. Constant, without `!`, `\` and line breaks. */
export const readerArguments = ["-c", readLoop] as const;
/** For the login shell of an SSH session, whichever it is. */
export const readerCommand = `exec /bin/sh -c '${readLoop}'`;

const sanePath = "PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH";

/** One line for the reader. Statements may use `$om_n` as a line break (inside double quotes). */
export function programLine(statements: readonly string[]): string {
  const text = [sanePath, ...statements].join("; ");
  const lineBreak = /\$(om_n|\{om_n\})/.test(text) ? `om_n=$(printf '\\nx'); om_n=\${om_n%x}; ` : "";
  return `om:${lineBreak}${text}\n`;
}

/** Random, unguessable word of one execution: `[a-z0-9]+`. It marks what the wrapper itself says. */
export type Nonce = string;

/** What a host with nothing but a shell can be asked to do. */
export type PosixTask = Extract<Task, { kind: "command" | "script" | "file" }>;

export interface Program {
  /** First line for the reader. */
  readonly line: string;
  /** What follows it on stdin, at once; then stdin ends. */
  readonly input?: Uint8Array;
  /** The program asks (`content`) for the file's bytes before they are sent. */
  readonly asksContent: boolean;
  /** Marks come on stderr, and its own bytes there begin behind them; else all of stderr is its own. */
  readonly marksStderr: boolean;
}

/**
 * Why a task cannot be carried to a POSIX host, in one sentence; undefined when it can.
 * (What a program line cannot hold: NUL, a malformed environment name, a relative destination …)
 */
export function taskProblem(task: Task): string | undefined {
  if (task.kind === "native") return `This engine has no module of its own named “${task.name}”.`;
  if (task.kind === "playbook") return "This engine cannot play a playbook.";
  if (task.kind === "file") return fileProblem(task);
  const words = task.kind === "command" ? task.argv : [...task.interpreter, ...task.arguments];
  const program = task.kind === "command" ? task.argv[0] : task.interpreter[0];
  if (program === undefined || program === "") return "The task names no program to run.";
  if (program.startsWith("-")) return `The program's name “${program}” begins with “-”.`;
  for (const word of words)
    if (word.includes("\0")) return "An argument contains a NUL character; no program can take it.";
  if (task.kind === "script" && task.script.includes("\0")) return "The script contains a NUL character.";
  for (const [name, value] of Object.entries(task.environment)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return `“${name}” is not a name of an environment variable.`;
    if (value.includes("\0")) return `The environment variable ${name} contains a NUL character.`;
  }
  return undefined;
}

function fileProblem(task: Extract<Task, { kind: "file" }>): string | undefined {
  if (!task.destination.startsWith("/")) return `The destination “${task.destination}” is not an absolute path.`;
  if (task.destination.endsWith("/")) return `The destination “${task.destination}” names a folder, not a file.`;
  if (!/^[0-9a-f]{64}$/.test(task.sha256)) return "The file's SHA-256 is malformed.";
  if (task.mode !== undefined && !/^[0-7]{3,4}$/.test(task.mode)) return `“${task.mode}” is not an octal file mode.`;
  for (const name of [task.owner, task.group]) {
    if (name !== undefined && !/^[A-Za-z0-9_][^\s:\0]*$/.test(name))
      return `“${name}” is not a name of a user or group.`;
  }
  const words = [task.destination, ...(task.after ?? [])];
  for (const word of words) if (word.includes("\0")) return "A path or argument contains a NUL character.";
  if (task.after?.[0]?.startsWith("-") || task.after?.[0] === "")
    return "The program to run afterwards has no proper name.";
  return undefined;
}

/** A name that `sudo -u` takes and that is surely no option. */
export function isUserName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,127}\$?$/.test(name);
}

export interface ProgramOptions {
  readonly nonce: Nonce;
  /** The program runs through sudo: it begins in the user's home and tells its session, which is not its own. */
  readonly become: boolean;
}

/** The program line and input of a task that has no {@link taskProblem}. */
export function taskProgram(task: PosixTask, options: ProgramOptions): Program {
  if (task.kind === "file") return fileProgram(task, options);
  const before = [...home(options), ...environment(task.environment)];
  if (task.kind === "script") {
    // The script goes through a here-document on descriptor 3: no file on the host, so it also runs on a full disk.
    // The trailer proves that all of it arrived; a script that was cut on its way must never start.
    return {
      line: programLine([
        ...before,
        `om_s=$(cat; printf x)`,
        `case $om_s in *${options.nonce}x) om_s=\${om_s%${options.nonce}x};; *) exit 125;; esac`,
        `eval "exec 3<<om_end\${om_n}"'$om_s'"\${om_n}om_end\${om_n}"`,
        `[ -r /dev/fd/3 ] || { printf '%s\\n' 'This host has no /dev/fd, which a script needs.' >&2; exit 125; }`,
        "exec </dev/null",
        `set -- ${[...task.interpreter.map(quoteInLine), "/dev/fd/3", ...task.arguments.map(quoteInLine)].join(" ")}`,
        ...begin("exec", options),
        'exec "$@"',
      ]),
      input: new TextEncoder().encode(task.script + options.nonce),
      asksContent: false,
      marksStderr: options.become,
    };
  }
  const input = task.stdin;
  return {
    line: programLine([
      ...before,
      ...(input === undefined ? ["exec </dev/null"] : []),
      `set -- ${task.argv.map(quoteInLine).join(" ")}`,
      ...begin("exec", options),
      'exec "$@"',
    ]),
    ...(input === undefined ? {} : { input }),
    asksContent: false,
    marksStderr: options.become,
  };
}

function home(options: ProgramOptions): string[] {
  return options.become ? ['cd "$HOME" 2>/dev/null || cd /'] : [];
}

function environment(entries: Readonly<Record<string, string>>): string[] {
  return Object.entries(entries).map(([name, value]) => `${name}=${quoteInLine(value)}; export ${name}`);
}

/**
 * Says that the program starts now. Without sudo that is one line on stdout (what a login script printed before is told
 * apart by it); else it is told on both streams, because sudo has its say on stderr.
 */
function begin(word: "exec" | "work", options: ProgramOptions): string[] {
  const { nonce } = options;
  if (word === "exec" && !options.become) return [`printf '%s exec %s\\n' ${nonce} $$`];
  const session = options.become
    ? [
        "om_s=",
        "[ -r /proc/$$/stat ] && read -r om_s </proc/$$/stat && om_s=${om_s##*) } && om_s=${om_s#* * * } && om_s=${om_s%% *}",
      ]
    : [];
  return [
    ...session,
    `printf '%s\\n' ${nonce}`,
    `printf '%s ${word} %s %s\\n' ${nonce} $$ "${options.become ? "$om_s" : ""}" >&2`,
  ];
}

/**
 * The line that puts sudo before another reader. sudo asks with `NONCE?` when it wants the password (only then is it
 * sent, on a line of its own), and the reader behind it says `ready` when it takes the next program line.
 */
export function becomeLine(user: string, nonce: Nonce, password: boolean): string {
  const asks = password ? `-S -p ${quoteWord(`${nonce}?`)}` : "-n";
  const reader = `printf "%s ready\\n" ${nonce} >&2; ${readLoop}`;
  return programLine([
    "command -v sudo >/dev/null 2>&1 || { printf '%s\\n' 'sudo is not installed on this host' >&2; exit 127; }",
    `printf '%s sudo %s\\n' ${nonce} $$ >&2`,
    `exec sudo -H ${asks} -u ${quoteWord(user)} -- /bin/sh -c ${quoteWord(reader)}`,
  ]);
}

/**
 * Ends all processes that began with an execution: the given processes, their sessions and groups and whatever
 * descends from them. TERM, two seconds later KILL; says `gone` when none is left (zombies do not count), else `left`.
 * Where the host has no /proc it goes by process group.
 */
export function endProgram(pids: readonly number[], sessions: readonly number[], nonce: Nonce): Program {
  const roots = [...new Set(pids)].join(" ");
  const groups = [...new Set([...pids, ...sessions])].join(" ");
  const awk = [
    `BEGIN{n=split(P,a," ");for(i=1;i<=n;i++)k[a[i]]=1;n=split(S,a," ");for(i=1;i<=n;i++)g[a[i]]=1}`,
    // A process name may hold spaces, brackets and line breaks: what counts stands behind the last bracket.
    `!/^[0-9]+ \\(/{$0=held " " $0}{held=$0;p=$1+0;t=$0;sub(/.*\\) /,"",t);if(split(t,f," ")<4)next;`,
    `if(f[1]=="Z"||f[1]=="X")next;u[p]=f[2];if((f[3] in g)||(f[4] in g))k[p]=1;all[p]=1}`,
    `END{do{more=0;for(p in all)if(!(p in k)&&(u[p] in k)){k[p]=1;more=1}}while(more);for(p in k)if(p in all)printf "%s ",p}`,
  ].join("");
  return {
    line: programLine([
      `om_ps() { if [ -r /proc/self/stat ]; then cat /proc/[0-9]*/stat 2>/dev/null | awk -v ${quoteWord(`P=${roots}`)} -v ${quoteWord(`S=${groups}`)} ${quoteWord(awk)}; else for om_g in ${groups}; do kill -0 -$om_g 2>/dev/null && printf '%s ' -$om_g; done; fi; }`,
      `om_gone() { om_k=$(om_ps); [ -n "$om_k" ] || { printf '%s gone\\n' ${nonce} >&2; exit 0; }; }`,
      "exec </dev/null",
      "om_gone",
      "kill -TERM $om_k 2>/dev/null",
      "kill -CONT $om_k 2>/dev/null",
      "for om_i in 0.05 0.1 0.2 0.3 0.5 0.9; do sleep $om_i 2>/dev/null || sleep 1; om_gone; done",
      "for om_i in 0.1 0.2 0.3 0.5 1 1; do kill -KILL $om_k 2>/dev/null; sleep $om_i 2>/dev/null || sleep 1; om_gone; done",
      `printf '%s left %s\\n' ${nonce} "$om_k" >&2`,
      "exit 1",
    ]),
    asksContent: false,
    marksStderr: true,
  };
}

/**
 * Puts a file in its place: content into a private file beside it, checked by SHA-256 on the host, owner and mode set,
 * the old one kept if asked, then an atomic rename. What is there already with the same content is not written again.
 */
function fileProgram(task: Extract<Task, { kind: "file" }>, options: ProgramOptions): Program {
  const { nonce } = options;
  const owner = task.owner === undefined && task.group === undefined ? "" : ownerText(task);
  const after = task.after ?? [];
  const runAfter =
    after.length === 0 ? "exit 0" : `exec </dev/null; set -- ${after.map(quoteInLine).join(" ")}; exec "$@"`;
  return {
    line: programLine([
      ...home(options),
      ...begin("work", options),
      `om_d=${quoteInLine(task.destination)}`,
      `om_t="\${om_d%/*}/.omserver-${nonce}"`,
      "om_made=",
      `om_pass() { printf '%s pass\\n' ${nonce} >&2; }`,
      `om_fail() { printf '%s\\n' "$1" >&2; [ -z "$om_made" ] || rm -f "$om_t"; exit 1; }`,
      `trap '[ -z "$om_made" ] || rm -f "$om_t"; exit 143' HUP INT TERM`,
      `om_set() { ${[
        ...(owner === "" ? [] : [`chown ${quoteInLine(owner)} "$1" || om_fail "The owner of $om_d could not be set."`]),
        ...(task.mode === undefined
          ? []
          : [`chmod ${task.mode} "$1" || om_fail "The mode of $om_d could not be set."`]),
        ":",
      ].join("; ")}; }`,
      "if command -v sha256sum >/dev/null 2>&1; then om_h=sha256sum; elif command -v shasum >/dev/null 2>&1; then om_h='shasum -a 256'; elif command -v openssl >/dev/null 2>&1; then om_h='openssl dgst -sha256 -r'; else om_pass; om_fail 'This host has none of sha256sum, shasum and openssl, so the file cannot be checked. Install one.'; fi",
      'om_sum() { om_s=$($om_h <"$1") && om_s=${om_s%% *}; }',
      '[ -d "${om_d%/*}/" ] || { om_pass; om_fail "There is no folder ${om_d%/*}/ on this host, or the account may not enter it."; }',
      '[ ! -d "$om_d" ] || { om_pass; om_fail "$om_d is a folder."; }',
      // Same content: owner and mode are still brought to what was asked.
      `if [ -f "$om_d" ] && [ ! -L "$om_d" ] && om_sum "$om_d" && [ "$om_s" = ${task.sha256} ]; then om_pass; om_a=$(ls -ldn "$om_d"); om_set "$om_d"; if [ "$om_a" = "$(ls -ldn "$om_d")" ]; then printf '%s\\n' "unchanged: $om_d"; ${task.afterAlways ? runAfter : "exit 0"}; fi; printf '%s\\n' "owner and mode set: $om_d"; ${runAfter}; fi`,
      `printf '%s content\\n' ${nonce} >&2`,
      `(umask 077; set -C; : >"$om_t") || om_fail "No file can be made in \${om_d%/*}/."`,
      "om_made=1",
      `if [ -f "$om_d" ]; then cp -p "$om_d" "$om_t" || om_fail "$om_d cannot be read."; fi`,
      `cat >"$om_t" || om_fail "The content could not be written beside $om_d."`,
      'om_sum "$om_t" || om_fail "The content beside $om_d cannot be read back."',
      `[ "$om_s" = ${task.sha256} ] || om_fail "The content arrived cut or damaged (SHA-256 $om_s); $om_d was left as it was."`,
      ...(task.mode === undefined ? ['[ -f "$om_d" ] || chmod 0644 "$om_t"'] : []),
      'om_set "$om_t"',
      "om_k=",
      ...(task.keepOld
        ? [
            `if [ -e "$om_d" ] || [ -L "$om_d" ]; then om_b="$om_d.$(date -u +%Y%m%dT%H%M%SZ)~"; while [ -e "$om_b" ]; do sleep 1; om_b="$om_d.$(date -u +%Y%m%dT%H%M%SZ)~"; done; ln "$om_d" "$om_b" 2>/dev/null || cp -p "$om_d" "$om_b" || om_fail "The old $om_d could not be kept as $om_b."; om_k=", old one kept as $om_b"; fi`,
          ]
        : []),
      'mv -f "$om_t" "$om_d" || om_fail "$om_d could not be replaced."',
      "trap - HUP INT TERM",
      `printf '%s\\n' "written: $om_d (${task.bytes} bytes, SHA-256 ${task.sha256.slice(0, 12)}…$om_k)"`,
      runAfter,
    ]),
    asksContent: true,
    marksStderr: true,
  };
}

function ownerText(task: Extract<Task, { kind: "file" }>): string {
  return task.group === undefined ? (task.owner ?? "") : `${task.owner ?? ""}:${task.group}`;
}
