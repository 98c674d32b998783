// biome-ignore-all lint/suspicious/noTemplateCurlyInString: text for the shell of a host

/** Text without NUL, line breaks allowed, as one word for a POSIX shell. */
export function quoteWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Like {@link quoteWord} without a line break in the result: `$om_n` (see {@link programLine}) stands for each. */
export function quoteInLine(text: string): string {
  return quoteWord(text).replaceAll("\n", `'"$om_n"'`);
}

export const readLoop =
  'while IFS= read -r om_l; do case $om_l in om:*) om_again=; eval "${om_l#om:}"; [ -n "$om_again" ] || exit 125;; esac; done; exit 125';

/**
 * The shell's own arguments: reads a line `om:PROGRAM` and evaluates it, and another one where that program sets
 * `om_again`. Constant, without `!`, `\` and line breaks.
 */
export const readerArguments = ["-c", readLoop] as const;
/** For the login shell of an SSH session, whichever it is. */
export const readerCommand = `exec /bin/sh -c '${readLoop}'`;

const sanePath = "PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH";

/**
 * One line for the reader. Statements may use `$om_n` as a line break (inside double quotes). `again`: the same shell has
 * evaluated a line before.
 */
export function programLine(statements: readonly string[], again = false): string {
  const text = [...(again ? [] : [sanePath]), ...statements].join("; ");
  const lineBreak = /\$(om_n|\{om_n\})/.test(text) ? `om_n=$(printf '\\nx'); om_n=\${om_n%x}; ` : "";
  return `om:${lineBreak}${text}\n`;
}

/** Random, unguessable word of one execution: `[a-z0-9]+`. It marks what the wrapper itself says. */
export type Nonce = string;

export interface Program {
  /** First line for the reader. */
  readonly line: string;
  /** What follows it on stdin, at once; then stdin ends. */
  readonly input?: Uint8Array;
  /** The program asks (`content`) for the file's bytes before they are sent. */
  readonly asksContent: boolean;
  /** Under a claim: once this is settled, its shell takes another program. */
  readonly goesOn?: boolean;
  /** Marks come on stderr, and its own bytes there begin behind them; else all of stderr is its own. */
  readonly marksStderr: boolean;
}

export interface ProgramOptions {
  readonly nonce: Nonce;
  /** The program runs through sudo: it begins in the user's home and tells its session, which is not its own. */
  readonly become: boolean;
  /**
   * The claim's wrapper (posix-claim.ts) stands around it and goes on using the input: the program takes from it exactly
   * what is its own, and says nothing on stdout.
   */
  readonly claimed?: boolean;
}

/** The shell becomes the program in `$@`. */
export function replaceShell({ claimed }: ProgramOptions): string {
  return claimed === true ? 'exec "$@" 6>&- 7>&-' : 'exec "$@"';
}

/**
 * Says that the program starts now. Without sudo that is one line on stdout (what a login script printed before is told
 * apart by it); else it is told on both streams, because sudo has its say on stderr.
 */
export function begin(word: "exec" | "work", options: ProgramOptions): string[] {
  const { nonce } = options;
  const claimed = options.claimed === true;
  if (claimed && !options.become) {
    if (word === "exec") return [`printf '%s exec %s %s\\n' ${nonce} "$om_p" $$ >&7`];
    return [`printf '%s work %s\\n' ${nonce} "$om_p" >&2`];
  }
  if (word === "exec" && !options.become) return [`printf '%s exec %s\\n' ${nonce} $$`];
  const session = options.become
    ? [
        "om_g=",
        "[ -r /proc/$$/stat ] && read -r om_g </proc/$$/stat && om_g=${om_g##*) } && om_g=${om_g#* * * } && om_g=${om_g%% *}",
      ]
    : [];
  return [
    ...session,
    ...(claimed ? [] : [`printf '%s\\n' ${nonce}`]),
    `printf '%s ${word} %s %s\\n' ${nonce} $$ "${options.become ? "$om_g" : ""}" >&2`,
  ];
}
