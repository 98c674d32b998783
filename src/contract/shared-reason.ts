/**
 * A host's reason without what tells it from another host's: its name becomes `‹host›`, its address `‹address›`.
 * Hosts that ended for the same reason have the same text here, so that they fold into one group.
 * Text that merely contains the name inside a longer word stays as it is.
 */
export function sharedReason(reason: string, hostName: string, address: string): string {
  if (reason === "") return reason;
  return withoutWord(withoutWord(reason, hostName, "‹host›"), address, "‹address›");
}

const wordCharacter = /[\p{L}\p{N}_-]/u;

function withoutWord(text: string, word: string, instead: string): string {
  if (word === "" || !text.includes(word)) return text;
  let result = "";
  let from = 0;
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, from)) {
    const end = at + word.length;
    const alone = !wordCharacter.test(text[at - 1] ?? "") && !wordCharacter.test(text[end] ?? "");
    result += text.slice(from, at) + (alone ? instead : word);
    from = end;
  }
  return result + text.slice(from);
}
