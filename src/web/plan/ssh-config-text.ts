import { reasonText } from "../../contract/reasons.ts";
/** Lines of an OpenSSH client configuration (ssh_config(5)): keyword and arguments, blocks by `Host` and `Match`. */

export interface ConfigWord {
  readonly text: string;
  /** 1-based, in characters. */
  readonly column: number;
}

export interface ConfigLine {
  readonly line: number;
  /** Lower case. */
  readonly keyword: string;
  readonly column: number;
  readonly arguments: readonly ConfigWord[];
  readonly text: string;
  /** What makes the line unreadable. */
  readonly fault?: string;
}

/** Blank lines and comments are left out. */
export function configLines(text: string): ConfigLine[] {
  return text
    .replace(/^\ufeff/, "")
    .split(/\r\n|\n|\r/)
    .map((line, index) => readLine(line, index + 1))
    .filter((line) => line !== undefined);
}

function readLine(text: string, line: number): ConfigLine | undefined {
  const match = /^([ \t\f]*)([^\s=#"]+)(?:[ \t]*=[ \t]*|[ \t]+|$)/.exec(text);
  if (match === null) return /^\s*(?:#|$)/.test(text) ? undefined : unreadable(text, line);
  const [whole, space = "", keyword = ""] = match;
  const column = [...space].length + 1;
  const words = readWords(text, whole.length);
  if (words === undefined) return { ...unreadable(text, line), fault: reasonText("ssh_quote") };
  return { line, keyword: keyword.toLowerCase(), column, arguments: words, text };
}

function unreadable(text: string, line: number): ConfigLine {
  return { line, keyword: "", column: 1, arguments: [], text, fault: reasonText("ssh_keyword") };
}

function readWords(text: string, from: number): ConfigWord[] | undefined {
  const words: ConfigWord[] = [];
  const word = /\s*(?:(#.*)|"([^"]*)"|([^\s"]+)|("))/y;
  word.lastIndex = from;
  for (let match = word.exec(text); match !== null; match = word.exec(text)) {
    const [whole, comment, quoted, bare, open] = match;
    if (open !== undefined) return undefined;
    if (comment !== undefined) break;
    const start = match.index + whole.length - (quoted === undefined ? (bare ?? "").length : quoted.length + 2);
    words.push({ text: quoted ?? bare ?? "", column: [...text.slice(0, start)].length + 1 });
  }
  return words;
}
