/**
 * Colour sequences that may pass: `ESC [ digits;… m`, of a sane length. Everything else that a terminal or a browser
 * would act on or hide (cursor moves, links, titles, C1 controls, direction overrides, invisible characters) is shown.
 */
const dangerous =
  /\x1b\[[0-9;]{0,64}m|[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** Bytes of a host as text: UTF-8, and what is not becomes U+FFFD. A byte order mark stays and shows. */
export function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(bytes);
}

/**
 * Text in which nothing acts but newline, tab and colour sequences: other control characters become their pictures
 * (`␛`, `␇`), invisible and direction-changing ones their code (`⟨U+202E⟩`). CR LF counts as a newline.
 */
export function makeVisible(text: string): string {
  return text.replace(/\r\n/g, "\n").replace(dangerous, (found) => {
    if (found.length > 1 && found.startsWith("\x1b[")) return found;
    const code = found.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return "␡";
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}

/** Text without its colour sequences, to compare and to search. */
export function withoutColours(text: string): string {
  return text.includes("\x1b[") ? text.replace(/\x1b\[[0-9;]{0,64}m/g, "") : text;
}
