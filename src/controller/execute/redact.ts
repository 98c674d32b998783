/** Shorter values would turn up in output by chance, and hiding them would tell what they are. */
const shortestSecret = 6;
const mask = Buffer.from("••••••");

/** Hides secrets in one stream. `push` may hold back a few bytes that could begin a secret; `end` gives what is left. */
export interface Redactor {
  push(data: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

/** Undefined when there is nothing to hide. */
export function redactorFor(values: readonly string[]): (() => Redactor) | undefined {
  const secrets = [...new Set(values.filter((value) => Buffer.byteLength(value) >= shortestSecret))]
    .map((value) => Buffer.from(value))
    .sort((a, b) => b.length - a.length);
  if (secrets.length === 0) return undefined;
  return () => createRedactor(secrets);
}

function createRedactor(secrets: readonly Buffer[]): Redactor {
  let held: Buffer = Buffer.alloc(0);

  /** Whole secrets become masks; from `hold` on nothing is decided yet. */
  function pass(text: Buffer, holdOf: (rest: Buffer) => number): Buffer {
    const clean: Buffer[] = [];
    for (let from = 0; ; ) {
      const rest = text.subarray(from);
      const hold = rest.byteLength - holdOf(rest);
      const found = firstSecret(rest, secrets);
      if (found === undefined || found.at >= hold) {
        held = Buffer.from(rest.subarray(hold));
        clean.push(rest.subarray(0, hold));
        return clean.length === 1 ? rest.subarray(0, hold) : Buffer.concat(clean);
      }
      clean.push(rest.subarray(0, found.at), mask);
      from += found.at + found.length;
    }
  }

  return {
    push(data) {
      const fresh = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      const text = held.byteLength === 0 ? fresh : Buffer.concat([held, fresh]);
      return pass(text, (rest) => possibleBeginning(rest, secrets));
    },
    end: () => pass(held, () => 0),
  };
}

/** The earliest, and of several there the longest (`secrets` is sorted by length). */
function firstSecret(text: Buffer, secrets: readonly Buffer[]): { at: number; length: number } | undefined {
  let first: { at: number; length: number } | undefined;
  for (const secret of secrets) {
    const at = text.indexOf(secret);
    if (at !== -1 && (first === undefined || at < first.at)) first = { at, length: secret.byteLength };
  }
  return first;
}

/** Length of the longest end of `text` that is the beginning of a secret. */
function possibleBeginning(text: Buffer, secrets: readonly Buffer[]): number {
  let longest = 0;
  for (const secret of secrets) {
    const most = Math.min(secret.byteLength - 1, text.byteLength);
    for (let length = most; length > longest; length -= 1) {
      if (text.subarray(text.byteLength - length).equals(secret.subarray(0, length))) longest = length;
    }
  }
  return longest;
}

/** For sentences rather than streams. */
export function redactText(text: string, values: readonly string[]): string {
  return values
    .filter((value) => Buffer.byteLength(value) >= shortestSecret)
    .reduce((clean, value) => clean.replaceAll(value, mask.toString()), text);
}
