import fc from "fast-check";
import { expect, it } from "vitest";
import { redactorFor, redactText } from "./redact.ts";

function through(text: Uint8Array, secrets: string[], cuts: number[]): Buffer {
  const redactor = redactorFor(secrets)?.();
  if (redactor === undefined) return Buffer.from(text);
  const places = [...new Set([0, ...cuts.map((cut) => cut % (text.length + 1)), text.length])].sort((a, b) => a - b);
  const parts = places.map((place, i) => redactor.push(text.subarray(place, places[i + 1] ?? text.length)));
  return Buffer.concat([...parts, redactor.end()]);
}

it("hides a secret wherever the stream is cut, and changes nothing else", () => {
  const secret = fc.string({ minLength: 6, maxLength: 12, unit: fc.constantFrom("a", "b", "·") });
  const filler = fc.string({ maxLength: 12, unit: fc.constantFrom("a", "b", "x", "\n", "é") });
  fc.assert(
    fc.property(secret, fc.array(filler, { maxLength: 6 }), fc.array(fc.nat(200)), (hidden, fillers, cuts) => {
      const text = fillers.join(hidden);

      const shown = through(Buffer.from(text), [hidden], cuts).toString();

      expect(shown).toBe(text.replaceAll(hidden, "••••••"));
    }),
  );
});

it("passes bytes that are no text, and values too short to be hidden, as they are", () => {
  const bytes = Uint8Array.from({ length: 600 }, (_, i) => (i * 7) % 256);
  expect(through(bytes, ["secret value"], [100, 101, 250])).toEqual(Buffer.from(bytes));
  expect(redactorFor(["12345", ""])).toBeUndefined();
  expect(redactText("pin 12345, password hunter2", ["12345", "hunter2"])).toBe("pin 12345, password ••••••");
});

it("hides the longer of two secrets that begin alike", () => {
  expect(through(Buffer.from("secret-longer secret"), ["secret", "secret-longer"], [3, 9]).toString()).toBe(
    "•••••• ••••••",
  );
});
