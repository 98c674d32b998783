import { randomFillSync } from "node:crypto";
import { expect, it } from "vitest";
import { withTunedCrypto } from "./tuned-crypto.ts";

function tunedFill(): typeof randomFillSync {
  const crypto = process.getBuiltinModule("node:crypto");
  return withTunedCrypto(() => crypto.randomFillSync);
}

it("fills exactly the asked part of a buffer with bytes that no other call is given", () => {
  const fill = tunedFill();
  const seen = new Set<string>();

  for (let round = 0; round < 2000; round += 1) {
    const packet = Buffer.alloc(48, 0xaa);
    expect(fill(packet, 16, 16)).toBe(packet);
    expect(packet.subarray(0, 16).every((byte) => byte === 0xaa)).toBe(true);
    expect(packet.subarray(32).every((byte) => byte === 0xaa)).toBe(true);
    seen.add(packet.toString("hex", 16, 32));
  }

  expect(seen.size).toBe(2000);
});

it("leaves large, whole and impossible requests to Node itself", () => {
  const fill = tunedFill();
  const large = fill(Buffer.alloc(10_000));

  expect(new Set(large).size).toBeGreaterThan(200);
  expect(() => fill(Buffer.alloc(8), 4, 8)).toThrow(RangeError);
  expect(fill(new Uint32Array(4), 1, 1)).toHaveLength(4);
});

it("shows its forms only while a module loads", () => {
  expect(process.getBuiltinModule("node:crypto").randomFillSync).toBe(randomFillSync);
});
