import fc from "fast-check";
import { expect, it } from "vitest";
import type { ControllerStatus } from "./dispatcher.ts";
import { createPlacement, waitingRoom, zoneOfRoom } from "./placement.ts";

const now = 1_000_000;

function status(name: string, change: Partial<ControllerStatus> = {}): ControllerStatus {
  return {
    name,
    zone: "bj",
    state: "enabled",
    connected: true,
    version: "",
    engines: [],
    load: { runs: 0, hosts: 0 },
    spool: { events: 0, bytes: 0 },
    ...change,
  };
}

const hosts = Array.from({ length: 3000 }, (_, id) => id + 1);

it("spreads the hosts of a zone evenly over its live controllers", () => {
  const place = createPlacement([status("bj-1"), status("bj-2"), status("bj-3"), status("sh-1", { zone: "sh" })], now);

  const shares = Map.groupBy(hosts, (id) => place("bj", id));

  expect([...shares.keys()].sort()).toEqual(["bj-1", "bj-2", "bj-3"]);
  for (const share of shares.values()) expect(Math.abs(share.length - 1000)).toBeLessThan(120);
  expect(new Set(hosts.map((id) => place("sh", id)))).toEqual(new Set(["sh-1"]));
});

it("moves no host but those of a controller that goes", () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(names, fc.nat(5), (all, gone) => {
      const leaving = all[gone % all.length];
      const before = createPlacement(
        all.map((name) => status(name)),
        now,
      );
      const after = createPlacement(
        all.filter((name) => name !== leaving).map((name) => status(name)),
        now,
      );
      for (const id of hosts.slice(0, 300)) {
        const old = before("bj", id);
        if (old === leaving) expect(after("bj", id)).not.toBe(leaving);
        else expect(after("bj", id)).toBe(old);
      }
    }),
  );
});

it.each([
  ["is draining", status("bj-1", { state: "draining" })],
  ["was revoked", status("bj-1", { state: "revoked" })],
  ["has been away for too long", status("bj-1", { connected: false, lastSeenAt: now - 61_000 })],
  ["has never connected", status("bj-1", { connected: false })],
])("gives no hosts to a controller that %s", (_, controller) => {
  expect(createPlacement([controller, status("bj-2")], now)("bj", 1)).toBe("bj-2");
  expect(createPlacement([controller], now)("bj", 1)).toBe(waitingRoom("bj"));
});

it("leaves hosts with a controller whose link was cut a moment ago", () => {
  const place = createPlacement([status("bj-1", { connected: false, lastSeenAt: now - 5000 })], now);

  expect(place("bj", 1)).toBe("bj-1");
});

it("tells a waiting room from every controller", () => {
  expect(zoneOfRoom(waitingRoom("北京"))).toBe("北京");
  expect(zoneOfRoom("bj-1")).toBeUndefined();
});
