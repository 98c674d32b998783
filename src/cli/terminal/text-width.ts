/** Wide: two columns in a terminal (East Asian wide and full-width forms, emoji). */
const wide =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303e\u3040-\u33ff\ua000-\ua4cf\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const none = /[\p{M}\p{Cf}]/u;
const sgr = /\u001b\[[0-9;]*m/g;

/** Columns that a text without control characters takes in a terminal; colours take none. */
export function textWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text.replace(sgr, "")) width += none.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return width;
}

/** At most so many columns, the last one “…” where something was cut off. The text has no colours. */
export function fitted(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let width = 0;
  let kept = "";
  for (const character of text) {
    width += textWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

export function padded(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - textWidth(text)));
}
