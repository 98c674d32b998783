/** A host's or master's words, fit to stand in a sentence: one line, no control characters, at most 300 characters. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\s]+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
