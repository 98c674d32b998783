/**
 * Makes text from hosts harmless where it is looked at: control characters but line feed and tab, and the characters
 * that turn the direction of writing, are written out (`\x1b`, `\u202e`). A carriage return before a line feed goes.
 */
export function printable(text: string): string {
  return text
    .replace(/\r\n/g, "\n")
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (c) => `\\x${hex(c, 2)}`)
    .replace(/[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (c) => `\\u${hex(c, 4)}`);
}

/** A quoted cell (RFC 4180) that no spreadsheet takes for a formula. */
export function csvCell(text: string): string {
  return `"${csvPiece(text, true)}"`;
}

/** A piece of a cell without its quotes; the first one gets a `'` before what would begin a formula. */
export function csvPiece(text: string, first: boolean): string {
  const safe = printable(text).replaceAll('"', '""');
  return first && /^[\s]*[=+\-@|%\t]/.test(safe) ? `'${safe}` : safe;
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, "0");
}
