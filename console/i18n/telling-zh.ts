import { type Reason, readReason } from "../../src/contract/reasons.ts";
import { readReasons } from "./read-reasons.ts";
import { zhReasons } from "./zh-reasons.ts";

/** Sentences in sentences in …: “Not started: the engine broke: …”. */
const deepest = 5;

/** By code and values where the server sent them, else by what the sentence itself is read as; a stranger's text as it came. */
export function tellInChinese(text: string, reason?: Reason): string {
  return reason !== undefined && reason.code in zhReasons ? sentence(reason, 0) : told(text, 0);
}

function told(text: string, depth: number): string {
  if (depth > deepest) return text;
  const parts = readReasons(text, readReason).map((part) => (typeof part === "string" ? part : sentence(part, depth)));
  // Chinese sentences stand without a space between them.
  return parts.reduce((before, part) => (/^$|[。）]$/.test(before) ? before + part : `${before} ${part}`), "");
}

function sentence({ code, values }: Reason, depth: number): string {
  return zhReasons[code].replace(/\{(\w+)\}/g, (written, place: string) => {
    const value = values[place];
    return value === undefined ? written : told(value, depth + 1);
  });
}
