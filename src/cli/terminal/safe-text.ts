/**
 * What hosts print is shown on a terminal as text: control characters are escaped, so that no host can move the cursor,
 * change the title, write links or reorder text. Colours may stay.
 */
export interface SafeTextOptions {
  /** Keep SGR colours and styles of the allow-list; without, they are left out. */
  readonly colours: boolean;
}

const reset = "\u001b[0m";

/**
 * Kept as they are: line breaks, tabs, printable text. `CR LF` becomes a line break. Everything else of C0, C1, the
 * bidirectional controls and lone surrogates becomes `\xNN` or `\u{NNNN}`. With colours the text ends reset.
 */
export function safeText(text: string, { colours }: SafeTextOptions): string {
  let coloured = false;
  const safe = text.replaceAll("\r\n", "\n").replace(unsafe, (found) => {
    if (!found.startsWith("\u001b[")) return escaped(found);
    const codes = allowedSgr(found.slice(2, -1));
    if (codes === undefined) return escaped(found);
    coloured ||= colours;
    return colours ? `\u001b[${codes}m` : "";
  });
  return coloured ? `${safe}${reset}` : safe;
}

/** The same for text on one line: line breaks and tabs are escaped, too. */
export function safeLine(text: string): string {
  return safeText(text, { colours: false }).replaceAll("\n", "\\n").replaceAll("\t", " ");
}

/** An SGR sequence, or a single character that does not show as itself. */
const unsafe =
  /\u001b\[[0-9;]{0,64}m|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]|\p{Cs}/gu;

function escaped(text: string): string {
  return [...text]
    .map((character) => {
      const code = character.codePointAt(0) ?? 0;
      if (!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(character)) return character;
      return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
    })
    .join("");
}

/**
 * Weight, slant, underline, reverse and colours (ECMA-48 SGR, and 256 colours and RGB as xterm has them). Not: blinking,
 * concealed text. Undefined when a code is not among them.
 */
function allowedSgr(text: string): string | undefined {
  const codes = text === "" ? [0] : text.split(";").map(Number);
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const length = codes[at + 1] === 5 ? 1 : codes[at + 1] === 2 ? 3 : 0;
      const values = codes.slice(at + 2, at + 2 + length);
      if (length === 0 || values.length < length || values.some((value) => value > 255)) return undefined;
      at += 1 + length;
    } else if (!isPlainSgr(code)) return undefined;
  }
  return text;
}

function isPlainSgr(code: number): boolean {
  return (
    [0, 1, 2, 3, 4, 7, 9, 22, 23, 24, 27, 29, 39, 49].includes(code) ||
    (code >= 30 && code <= 37) ||
    (code >= 40 && code <= 47) ||
    (code >= 90 && code <= 97) ||
    (code >= 100 && code <= 107)
  );
}
