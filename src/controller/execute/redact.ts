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
  return {
    push(data) {
      const text =
        held.byteLength === 0
          ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
          : Buffer.concat([held, data]);
      const { clean, rest } = replace(text, secrets);
      const keep = possibleBeginning(rest, secrets);
      held = Buffer.from(rest.subarray(rest.byteLength - keep));
      clean.push(rest.subarray(0, rest.byteLength - keep));
      return clean.length === 1 && clean[0] !== undefined ? clean[0] : Buffer.concat(clean);
    },
    end() {
      const left = held;
      held = Buffer.alloc(0);
      return left;
    },
  };
}

/** Replaces whole secrets; `rest` is what follows the last one. */
function replace(text: Buffer, secrets: readonly Buffer[]): { clean: Buffer[]; rest: Buffer } {
  const clean: Buffer[] = [];
  let from = 0;
  for (;;) {
    let at = -1;
    let length = 0;
    for (const secret of secrets) {
      const found = text.indexOf(secret, from);
      if (found !== -1 && (at === -1 || found < at)) {
        at = found;
        length = secret.byteLength;
      }
    }
    if (at === -1) return { clean, rest: text.subarray(from) };
    clean.push(text.subarray(from, at), mask);
    from = at + length;
  }
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
