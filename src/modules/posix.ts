// biome-ignore-all lint/suspicious/noTemplateCurlyInString: text for the shell of a host
import type { Task } from "../contract/engine.ts";
import { reasonText } from "../contract/reasons.ts";
import { fileStatements } from "./posix-file.ts";
import {
  begin,
  type Nonce,
  type Program,
  type ProgramOptions,
  programLine,
  quoteInLine,
  quoteWord,
  readLoop,
  replaceShell,
} from "./posix-words.ts";

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

/**
 * Why a task cannot be carried to a POSIX host, in one sentence; undefined when it can.
 * (What a program line cannot hold: NUL, a malformed environment name, a relative destination …)
 */
export function taskProblem(task: Task): string | undefined {
  if (task.kind === "native") return reasonText("engine_no_own_module", { name: task.name });
  if (task.kind === "playbook") return reasonText("engine_no_playbook");
  if (task.kind === "file") return fileProblem(task);
  const words = task.kind === "command" ? task.argv : [...task.interpreter, ...task.arguments];
  const program = task.kind === "command" ? task.argv[0] : task.interpreter[0];
  if (program === undefined || program === "") return reasonText("task_no_program");
  if (program.startsWith("-")) return reasonText("task_program_dash", { program });
  for (const word of words) if (word.includes("\0")) return reasonText("task_argument_nul");
  if (task.kind === "script" && task.script.includes("\0")) return reasonText("task_script_nul");
  for (const [name, value] of Object.entries(task.environment)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return reasonText("task_variable_name", { name });
    if (value.includes("\0")) return reasonText("task_variable_nul", { name });
  }
  return undefined;
}

function fileProblem(task: Extract<Task, { kind: "file" }>): string | undefined {
  if (!task.destination.startsWith("/")) return reasonText("task_destination_relative", { path: task.destination });
  if (task.destination.endsWith("/")) return reasonText("task_destination_folder", { path: task.destination });
  if (!/^[0-9a-f]{64}$/.test(task.sha256)) return reasonText("task_sha256");
  if (task.mode !== undefined && !/^[0-7]{3,4}$/.test(task.mode)) return reasonText("task_mode", { mode: task.mode });
  for (const name of [task.owner, task.group]) {
    if (name !== undefined && !/^[A-Za-z0-9_][^\s:\0]*$/.test(name)) return reasonText("task_owner_name", { name });
  }
  const words = [task.destination, ...(task.after ?? [])];
  for (const word of words) if (word.includes("\0")) return reasonText("task_path_nul");
  if (task.after?.[0]?.startsWith("-") || task.after?.[0] === "") return reasonText("task_after_name");
  return undefined;
}

/** A name that `sudo -u` takes and that is surely no option. */
export function isUserName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,127}\$?$/.test(name);
}

/** The statements of a program, apart, so that a claim can be put around them. */
export interface TaskProgramParts {
  /** Take all of the input, and refuse one that was cut. */
  readonly input: readonly string[];
  /** Under a claim: what the command reads is in the shell's `$om_s`, escaped for `printf %b`. */
  readonly fed: boolean;
  readonly statements: readonly string[];
  readonly bytes?: Uint8Array;
  readonly asksContent: boolean;
  /** It replaces the shell by `exec` under the account that signs in, and tells that on the channel itself. */
  readonly direct: boolean;
}

/** What a host with nothing but a shell can be asked to do. */
export type PosixTask = Extract<Task, { kind: "command" | "script" | "file" }>;

/** The program line and input of a task that has no {@link taskProblem}. */
export function taskProgram(task: PosixTask, options: ProgramOptions): Program {
  const { input, statements, bytes, asksContent } = taskParts(task, options);
  return {
    line: programLine([...input, ...statements]),
    ...(bytes === undefined ? {} : { input: bytes }),
    asksContent,
    marksStderr: asksContent || options.become,
  };
}

export function taskParts(task: PosixTask, options: ProgramOptions): TaskProgramParts {
  const direct = !options.become && task.kind !== "file";
  if (task.kind === "file") {
    const statements = [...home(options), ...fileStatements(task, options)];
    return { input: [], fed: false, statements, asksContent: true, direct };
  }
  const before = [...home(options), ...environment(task.environment)];
  if (task.kind === "script") {
    const bytes = new TextEncoder().encode(task.script + options.nonce);
    // The script goes through a here-document on descriptor 3: no file on the host, so it also runs on a full disk.
    const statements = [
      ...before,
      `eval "exec 3<<om_end\${om_n}"'$om_s'"\${om_n}om_end\${om_n}"`,
      `[ -r /dev/fd/3 ] || { printf '%s\\n' 'This host has no /dev/fd, which a script needs.' >&2; exit 125; }`,
      "exec </dev/null",
      `set -- ${[...task.interpreter.map(quoteInLine), "/dev/fd/3", ...task.arguments.map(quoteInLine)].join(" ")}`,
      ...begin("exec", options),
      // Some shells hand on no descriptor above 2 that is not named here.
      `${replaceShell(options)} 3<&3`,
    ];
    return { input: wholeInput(bytes, options), fed: false, statements, bytes, asksContent: false, direct };
  }
  const words = `set -- ${task.argv.map(quoteInLine).join(" ")}`;
  if (task.stdin === undefined) {
    const statements = [...before, "exec </dev/null", words, ...begin("exec", options), replaceShell(options)];
    return { input: [], fed: false, statements, asksContent: false, direct };
  }
  if (options.claimed !== true) {
    const statements = [...before, words, ...begin("exec", options), replaceShell(options)];
    return { input: [], fed: false, statements, bytes: task.stdin, asksContent: false, direct };
  }
  return { ...fedCommand(task.stdin, [...before, words], options), asksContent: false, direct };
}

/**
 * A command whose input has come whole before it begins (a cut one must not look like a short one), through a pipe from
 * the shell's own memory: it is on no disk and on no command line.
 */
function fedCommand(
  stdin: Uint8Array,
  before: readonly string[],
  options: ProgramOptions,
): Pick<TaskProgramParts, "input" | "fed" | "statements" | "bytes"> {
  const own =
    "printf '%s\\n' 'The sh of this host has no printf of its own, which a task with input needs.' >&2; exit 125";
  const bytes = Buffer.concat([escaped(stdin), Buffer.from(options.nonce)]);
  const input = [
    ...wholeInput(bytes, options),
    // printf as a program would show the input in the process list, so this host runs it without a claim.
    `case $(command -v printf) in /*) ${options.become ? own : `printf '%s bare\\n' ${options.nonce}; exit 0`};; esac`,
  ];
  if (!options.become) {
    return { input, fed: true, statements: [...before, ...begin("exec", options), replaceShell(options)], bytes };
  }
  // A shell that feeds cannot be replaced by the program, so it ends as that did: its own message tells a signal.
  const statements = [
    ...before,
    ...begin("exec", options),
    "exec 3>&1 4>&2",
    `om_m=$({ printf '%b' "$om_s" 2>/dev/null | ( ${replaceShell(options)} 3>&- 4>&- ) >&3 2>&4; printf ' %s' "$?"; } 2>&1)`,
    'om_x=${om_m##* }; case $om_m in " "*) ;; *) [ "$om_x" -le 128 ] || kill -$((om_x - 128)) $$;; esac; exit "$om_x"',
  ];
  return { input, fed: false, statements, bytes };
}

/** For `printf %b`, which takes any byte but these two as it is. */
function escaped(bytes: Uint8Array): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 0 && bytes[at] !== 0x5c) continue;
    parts.push(Buffer.from(bytes.subarray(from, at)), Buffer.from(bytes[at] === 0 ? "\\0000" : "\\\\"));
    from = at + 1;
  }
  parts.push(Buffer.from(bytes.subarray(from)));
  return Buffer.concat(parts);
}

/** All of the input in `$om_s`. The nonce behind it proves that all of it arrived; a cut one starts nothing. */
function wholeInput(bytes: Uint8Array, { nonce, claimed }: ProgramOptions): string[] {
  const read = claimed === true ? `head -c ${bytes.length}` : "cat";
  return [`om_s=$(${read}; printf x)`, `case $om_s in *${nonce}x) om_s=\${om_s%${nonce}x};; *) exit 125;; esac`];
}

function home(options: ProgramOptions): string[] {
  return options.become ? ['cd "$HOME" 2>/dev/null || cd /'] : [];
}

function environment(entries: Readonly<Record<string, string>>): string[] {
  return Object.entries(entries).map(([name, value]) => `${name}=${quoteInLine(value)}; export ${name}`);
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
 * descends from them. A claim's wrapper (`keeper`) and its helpers are left, so that it can tell the end; but what else is
 * in its session, orphans, belongs to the execution, unless it was there before: the same shell may have run
 * others, which left something in the background. What was once found is remembered by process and start time, and so are
 * sessions that it made: what ignores TERM is not lost sight of when its parent dies of it. TERM, two seconds later KILL; says
 * `gone` when none is left (zombies do not count), else `left`. Where the host has no /proc it goes by process group.
 */
export function endProgram(
  pids: readonly number[],
  sessions: readonly number[],
  nonce: Nonce,
  keeper?: number,
): Program {
  const roots = [...new Set(pids)].join(" ");
  const groups = [...new Set([...pids, ...sessions, ...(keeper === undefined ? [] : [keeper])])].join(" ");
  const awk = [
    `BEGIN{n=split(P,a," ");for(i=1;i<=n;i++)k[a[i]]=r[a[i]]=1;n=split(S,a," ");for(i=1;i<=n;i++)g[a[i]]=1;`,
    `n=split(K,a," ");for(i=1;i<=n;i++){split(a[i],c,"/");s[c[1]]=c[2]}}`,
    // A process name may hold spaces, brackets and line breaks: what counts stands behind the last bracket.
    `!/^[0-9]+ \\(/{$0=held " " $0}{held=$0;p=$1+0;t=$0;sub(/.*\\) /,"",t);if(split(t,f," ")<4)next;`,
    `if(f[1]=="Z"||f[1]=="X")next;u[p]=f[2];e[p]=f[4];b[p]=f[20];all[p]=1;if((f[3] in g)||(f[4] in g)||(f[4] in s))k[p]=1;if((p in s)&&s[p]==f[20])k[p]=r[p]=1}`,
    // What descends from the given processes is the execution's, whatever else it looks like.
    `END{do{more=0;for(p in all)if(!(p in r)&&(u[p] in r)){k[p]=r[p]=1;more=1}}while(more);`,
    // What the wrapper started and is none of the given processes is its helper.
    `if(W){h[W]=1;do{more=0;for(p in all)if(!(p in h)&&!(p in r)&&(u[p] in h)){h[p]=1;more=1}}while(more);`,
    // Its first helper came before all of the execution (asked with M), which is told by the execution itself when the wrapper is
    // gone: what is older was there before, with what that started.
    `if(M){for(p in h)if(p!=W&&(!T||b[p]+0<T+0))T=b[p];if(!T)for(p in r)if((p in all)&&(!T||b[p]+0<T+0))T=b[p];print T;exit}`,
    `for(p in k)if(!(p in r)&&!(p in h)&&(!T||b[p]+0<T+0))o[p]=1;`,
    `do{more=0;for(p in all)if(!(p in o)&&!(p in r)&&!(p in h)&&(u[p] in o)){o[p]=1;more=1}}while(more);`,
    `for(p in h)delete k[p];for(p in o)delete k[p]}else if(M)exit;`,
    `do{more=0;for(p in all)if(!(p in k)&&!(p in h)&&!(p in o)&&((u[p] in k)||(e[p] in k))){k[p]=1;more=1}}while(more);for(p in k)if(p in all)printf "%s/%s ",p,b[p]}`,
  ].join("");
  return {
    line: programLine([
      `om_ps() { if [ -r /proc/self/stat ]; then cat /proc/[0-9]*/stat 2>/dev/null | awk -v ${quoteWord(`P=${roots}`)} -v ${quoteWord(`S=${groups}`)} -v ${quoteWord(`W=${keeper ?? 0}`)} -v "M=$1" -v "T=$om_T" -v "K=$om_q" ${quoteWord(awk)}; elif [ -z "$1" ]; then for om_g in ${groups}; do kill -0 -$om_g 2>/dev/null && printf '%s ' -$om_g; done; fi; }`,
      "om_T= om_q=; om_T=$(om_ps 1)",
      `om_gone() { om_q=$(om_ps); [ -n "$om_q" ] || { printf '%s gone\\n' ${nonce} >&2; exit 0; }; om_k=; for om_j in $om_q; do om_k="$om_k \${om_j%/*}"; done; }`,
      "exec </dev/null",
      "om_gone",
      // Also to what was started while the first ones were looked for; nobody gets it twice.
      `om_w=; om_term() { om_v=; for om_j in $om_q; do case $om_w in *" $om_j "*) ;; *) om_v="$om_v \${om_j%/*}";; esac; done; om_w=" $om_q $om_w"; [ -z "$om_v" ] || { kill -TERM $om_v; kill -CONT $om_v; } 2>/dev/null; }`,
      "om_term",
      "for om_i in 0.05 0.1 0.2 0.3 0.5 0.9; do sleep $om_i 2>/dev/null || sleep 1; om_gone; om_term; done",
      "for om_i in 0.1 0.2 0.3 0.5 1 1; do kill -KILL $om_k 2>/dev/null; sleep $om_i 2>/dev/null || sleep 1; om_gone; done",
      `printf '%s left %s\\n' ${nonce} "$om_k" >&2`,
      "exit 1",
    ]),
    asksContent: false,
    marksStderr: true,
  };
}
