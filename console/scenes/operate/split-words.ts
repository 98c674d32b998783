export type SplitWords =
  | { readonly ok: true; readonly words: readonly string[] }
  | { readonly ok: false; readonly fault: "unclosedQuote" | "trailingBackslash"; readonly column: number };

/**
 * Cuts a typed command into its arguments the way a shell would: spaces part, quotes and backslashes hold together.
 * Nothing is expanded: `$HOME`, `*`, `|` and `;` are plain characters, since no shell reads them afterwards.
 */
export function splitWords(text: string): SplitWords {
  const words: string[] = [];
  let word: string | undefined;
  let quote: { readonly mark: string; readonly at: number } | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote !== undefined) {
      if (character === quote.mark) quote = undefined;
      else if (character === "\\" && quote.mark === '"' && /["\\]/.test(text.charAt(at + 1))) {
        at++;
        word = (word ?? "") + text.charAt(at);
      } else word = (word ?? "") + character;
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "'" || character === '"') {
      quote = { mark: character, at };
      word ??= "";
    } else if (character === "\\") {
      at++;
      if (at >= text.length) return { ok: false, fault: "trailingBackslash", column: at };
      word = (word ?? "") + text.charAt(at);
    } else word = (word ?? "") + character;
  }
  if (quote !== undefined) return { ok: false, fault: "unclosedQuote", column: quote.at + 1 };
  if (word !== undefined) words.push(word);
  return { ok: true, words };
}

/** A command that `splitWords` cuts into these words again. */
export function joinWords(words: readonly string[]): string {
  return words
    .map((word) => {
      if (/^[\p{L}\p{N}_@%+=:,./~^-]+$/u.test(word)) return word;
      return word.includes("'") ? `"${word.replace(/[\\"]/g, "\\$&")}"` : `'${word}'`;
    })
    .join(" ");
}
