// biome-ignore-all lint/suspicious/noTemplateCurlyInString: text for the shell of a host
import { endProgram } from "../../modules/posix.ts";
import { type Nonce, quoteWord, readerArguments } from "../../modules/posix-words.ts";

/**
 * The texts that `command.run` of a minion gets: one string, run by `/bin/sh -c` there. They are made from numbers, the
 * nonce and single-quoted or octal-escaped words only, and hold printable ASCII: Python 2.7 takes nothing else.
 *
 * A task runs in a private folder named by the execution's nonce. Making `run` in it is the claim: it works once, so
 * whoever makes it first (the task, or we to find out that it never began) decides for good. The task is the reader of
 * posix.ts with its line and input from the file `in`; it replaces the shell, so its exit code or signal is
 * `command.run`'s own. Two bystanders bring what it prints as base64 through `command.run`'s streams, bounded; what is
 * more than fits there waits in files to be fetched, and what is over the limit is counted and dropped.
 */
export interface HostPlaces {
  /** A folder of the host that every account may write. */
  readonly hostFolder: string;
  readonly nonce: Nonce;
}

export interface StartOptions extends HostPlaces {
  /** The file `in`; undefined when it was uploaded (then the folder is there). */
  readonly input: Uint8Array | undefined;
  readonly becomeUser: string | undefined;
  /** Kept bytes of each stream. */
  readonly outputBytes: number;
}

/** Bytes of each stream that come with the result itself. */
export const inlineBytes = 256 * 1024;
/** One argument of a program may have 131,072 bytes on Linux (MAX_ARG_STRLEN, execve(2)). */
export const longestText = 120_000;

const sanePath = "PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH";

export function executionFolder({ hostFolder, nonce }: HostPlaces): string {
  return `${hostFolder}/.omserver-func/${nonce}`;
}

function opening(places: HostPlaces): string[] {
  const base = `${places.hostFolder}/.omserver-func`;
  return [
    sanePath,
    "om_u=$(umask)",
    "umask 077",
    `om_n=${places.nonce}`,
    `om_b=${quoteWord(base)}`,
    'om_d="$om_b/$om_n"',
    "om_no() { printf '%s no %s\\n' $om_n \"$1\" >&2; exit 125; }",
    '[ -d "$om_b" ] || mkdir "$om_b" 2>/dev/null',
    `{ [ -d "$om_b" ] && [ ! -L "$om_b" ] && [ -O "$om_b" ] && [ -w "$om_b" ]; } || om_no "no private folder $om_b can be used"`,
  ];
}

/** Makes the folder for an upload; says `NONCE ready`, and for a file the SHA-256 of what is at its place. */
export function prepareText(places: HostPlaces, destination: string | undefined): string {
  const sum =
    destination === undefined
      ? []
      : [
          `om_f=${quoteWord(destination)}`,
          'if [ -f "$om_f" ] && [ ! -L "$om_f" ]; then om_s=$({ sha256sum <"$om_f" || shasum -a 256 <"$om_f" || openssl dgst -sha256 -r <"$om_f"; } 2>/dev/null); fi',
        ];
  return asciiText(
    [
      ...opening(places),
      "om_s=",
      ...sum,
      '[ -d "$om_d" ] || mkdir "$om_d" || om_no "the folder $om_d cannot be made"',
      "printf '%s ready %s\\n' $om_n \"${om_s%% *}\"",
    ].join("; "),
  );
}

/** Starts the task. Longer than {@link longestText} when the input should have been uploaded. */
export function startText(options: StartOptions): string {
  const { input, becomeUser, outputBytes } = options;
  const more = Math.max(0, outputBytes - inlineBytes);
  const inline = Math.min(inlineBytes, outputBytes);
  const rest =
    more === 0
      ? "om_w=$(wc -c)"
      : `head -c ${more} >"$om_d/m$1"; om_s=$?; if [ -s "$om_d/m$1" ]; then om_w=$(wc -c); om_m=$(wc -c <"$om_d/m$1"); fi`;
  const claim = input === undefined ? 'mkdir "$om_d/run"' : 'mkdir "$om_d" "$om_d/run"';
  const lines = [
    ...opening(options),
    ...(becomeUser === undefined
      ? []
      : [`id -u ${quoteWord(becomeUser)} >/dev/null 2>&1 || om_no ${quoteWord(`there is no user "${becomeUser}"`)}`]),
    `${claim} 2>/dev/null || om_no "it was claimed before, or $om_d cannot be made"`,
    ...(input === undefined
      ? []
      : [`printf %b '${printfEscaped(input)}' >"$om_d/in" || om_no "$om_d cannot be written; the disk may be full"`]),
    'mkfifo "$om_d/o" "$om_d/e" || om_no "no pipes can be made in $om_d"',
    'echo $$ >"$om_d/pid" || om_no "$om_d cannot be written; the disk may be full"',
    "om_x=r",
    "if command -v base64 >/dev/null 2>&1; then om_x=b; elif command -v openssl >/dev/null 2>&1; then om_x=o; fi",
    "om_c() { case $om_x in b) base64;; o) openssl base64;; *) cat;; esac; }",
    // Beyond the first bytes there is mostly nothing: programs are run only for what is there.
    `om_r() { { cat <&5 & echo $! >"$om_d/c$1"; wait $!; } | { printf '%s %s\\n' $om_n $om_x; head -c ${inline} | om_c; om_s=0; om_m=0; om_w=0; om_l=; ${rest}; [ ! -e "$om_d/left" ] || om_l=left; printf '\\n%s %s %s %s %s\\n' $om_n $om_m $om_w $om_s $om_l; : >"$om_d/d$1"; } 5<&-; }`,
    // Both ends are opened here, so that nobody is left waiting for the other whoever is killed when.
    'exec 7<>"$om_d/o" 5<"$om_d/o" 3>"$om_d/o" 7<>"$om_d/e" 6<"$om_d/e" 4>"$om_d/e" 7>&-',
    "( (exec 3>&- 4>&- 6<&- </dev/null 2>/dev/null; om_r o) & )",
    "( (exec 5<&6 3>&- 4>&- 6<&- </dev/null >&2 2>/dev/null; om_r e) & )",
    // What a program left in the background keeps the pipes open for ever: two seconds after its end they are cut.
    'om_a() { if [ -r /proc/self/stat ]; then read -r om_s <"/proc/$$/stat" || return 1; case ${om_s##*) } in Z*|X*) return 1;; esac; else kill -0 $$; fi; }',
    'om_j() { [ ! -e "$om_d/do" ] || [ ! -e "$om_d/de" ]; }',
    'om_t() { om_i=0; while om_a; do om_i=$((om_i+1)); if [ $om_i -lt 20 ]; then sleep 0.3 || sleep 1; else sleep 2; fi; done; for om_i in 1 2 3 4 5 6 7; do om_j || break; sleep 0.3 || break; done; if om_j; then : >"$om_d/left"; kill $(cat "$om_d/co" "$om_d/ce"); for om_i in 1 2 3 4 5; do om_j || break; sleep 1; done; fi; cd "$om_d" || return; set -- o e in pid left co ce do de; for om_i in mo me; do [ -s $om_i ] || set -- "$@" $om_i; done; rm -f "$@"; case $$ in *7) find "$om_b" -mindepth 1 -maxdepth 1 -mtime +2 -exec rm -rf {} +;; esac; }',
    "( (exec 3>&- 4>&- 5<&- 6<&- </dev/null >/dev/null 2>&1; om_t) & )",
    "umask $om_u",
    'cd "${HOME:-/}" 2>/dev/null || cd /',
    'exec <"$om_d/in" >&3 2>&4 3>&- 4>&- 5<&- 6<&-',
    `set -- /bin/sh ${readerArguments.map(quoteWord).join(" ")}`,
    ...(becomeUser === undefined ? [] : [becomeStatement(becomeUser)]),
    'if command -v setsid >/dev/null 2>&1; then exec setsid "$@"; else exec "$@"; fi',
  ];
  return asciiText(lines.join("; "));
}

/** funcd is root: su asks it nothing. Where it is not, sudo may know better. */
function becomeStatement(user: string): string {
  const name = quoteWord(user);
  const reader = quoteWord(`exec /bin/sh ${readerArguments.map(quoteWord).join(" ")}`);
  return `if [ "$(id -u)" = 0 ]; then set -- su -s /bin/sh -c ${reader} ${name}; else set -- sudo -n -H -u ${name} -- "$@"; fi`;
}

/**
 * Decides whether it ever began: `NONCE never` when it had not (and now never will), `NONCE pid N` when it had,
 * `NONCE over` when it has ended since.
 */
export function probeText(places: HostPlaces): string {
  return asciiText(
    [
      ...opening(places),
      'mkdir "$om_d" 2>/dev/null',
      "if mkdir \"$om_d/run\" 2>/dev/null; then printf '%s never\\n' $om_n; exit 0; fi",
      '[ -d "$om_d/run" ] || om_no "$om_d cannot be read"',
      'for om_i in 1 2 3 4 5 6; do [ ! -s "$om_d/pid" ] || break; sleep 0.2 || sleep 1; done',
      'if [ -s "$om_d/pid" ]; then printf \'%s pid %s\\n\' $om_n "$(cat "$om_d/pid")"; else printf \'%s over\\n\' $om_n; fi',
    ].join("; "),
  );
}

/** Ends the task's processes and says so by the marks of posix.ts on stderr. */
export function endText(pid: number, nonce: Nonce): string {
  return asciiText(endProgram([pid], [], nonce).line.replace(/^om:/, "").trimEnd());
}

/** A piece of what did not fit into the result, encoded as that said (`b`, `o` or `r`). */
export function pieceText(
  places: HostPlaces,
  stream: "o" | "e",
  number: number,
  pieceBytes: number,
  encoding: string,
): string {
  const encode = { b: " | base64", o: " | openssl base64" }[encoding] ?? "";
  const file = quoteWord(`${executionFolder(places)}/m${stream}`);
  return `${sanePath}; dd if=${file} bs=${pieceBytes} skip=${number} count=1 2>/dev/null${encode}`;
}

export function removeText(places: HostPlaces): string {
  return `${sanePath}; rm -rf ${quoteWord(executionFolder(places))}`;
}

/** Any bytes but NUL as the operand of `printf %b`, within single quotes. */
export function printfEscaped(bytes: Uint8Array): string {
  let escaped = "";
  for (const byte of bytes) {
    escaped += plain[byte] ?? `\\0${byte.toString(8).padStart(3, "0")}`;
  }
  return escaped;
}

const plain: readonly (string | undefined)[] = Array.from({ length: 128 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9 _./:=,+@^~#{}()[\]|&;<>*?!$"%-]/.test(character) ? character : undefined;
});

/** The text itself when it is printable ASCII, else one that evaluates it. */
function asciiText(text: string): string {
  if (/^[\u0020-\u007e]*$/.test(text)) return text;
  return `eval "$(printf %b '${printfEscaped(new TextEncoder().encode(text))}')"`;
}
