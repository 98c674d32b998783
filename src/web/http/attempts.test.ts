import { describe, expect, it } from "vitest";
import { addressGroup, createAttempts } from "./attempts.ts";

describe("counted attempts", () => {
  it("refuse the next one until the window of the first has passed, and say how long that is", () => {
    let now = 1_000_000;
    const attempts = createAttempts({ max: 2, windowMilliseconds: 60_000, clock: () => now });
    attempts.take("a");
    now += 10_000;
    attempts.take("a");
    expect(() => attempts.take("a")).toThrowError(
      expect.objectContaining({ code: "request.too_many", retryAfterSeconds: 50 }),
    );
    attempts.take("b");
    now += 50_000;
    attempts.take("a");
  });

  it("are given back when they were right", () => {
    const attempts = createAttempts({ max: 1, windowMilliseconds: 60_000, clock: () => 0 });
    for (let round = 0; round < 5; round++) {
      attempts.take("a");
      attempts.giveBack("a");
    }
    attempts.giveBack("never taken");
    expect(() => attempts.check("a")).not.toThrow();
  });

  it("are remembered for so many keys only, and the oldest are forgotten first", () => {
    const attempts = createAttempts({ max: 1, windowMilliseconds: 60_000, clock: () => 0, keys: 3 });
    for (const key of ["a", "b", "c", "d"]) attempts.take(key);
    expect(() => attempts.check("a")).not.toThrow();
    expect(() => attempts.check("d")).toThrow();
  });
});

it.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:DB8:0001:2::", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
])("%s counts as %s", (ip, group) => {
  expect(addressGroup(ip)).toBe(group);
});
