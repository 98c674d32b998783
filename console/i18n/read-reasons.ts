import type { Reason } from "../../src/contract/reasons.ts";

const mostSentences = 8;

type Read = (text: string) => Reason | undefined;

/** The product's own sentences in a text, one after another; what is none of them stays text. */
export function readReasons(text: string, readReason: Read): readonly (Reason | string)[] {
  const whole = readReason(text);
  if (whole !== undefined) return [whole];
  const ends = [...text.matchAll(/[.。] (?=\S)/g)].map(({ index }) => index + 1);
  if (ends.length === 0 || ends.length >= mostSentences) return [text];
  // The longest beginning first: a sentence of ours may hold several full stops.
  for (const end of ends.reverse()) {
    const first = readReason(text.slice(0, end));
    if (first !== undefined) return [first, ...readReasons(text.slice(end + 1), readReason)];
  }
  return [text];
}
