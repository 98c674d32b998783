import { expect, it } from "vitest";
import type { Controller } from "../../api/types.ts";
import { healthOf } from "./health.ts";

const well: Controller = {
  name: "bj-1",
  zone: "bj",
  state: "enabled",
  connected: true,
  lastSeenAt: 1000,
  version: "1",
  load: { runs: 0, hosts: 0 },
  spool: { events: 0, bytes: 0 },
  engines: [],
};

it.each([
  ["ok", {}],
  ["behind", { spool: { events: 5000, bytes: 1 } }],
  ["clock", { clockSkewMilliseconds: -30_000, spool: { events: 5000, bytes: 1 } }],
  ["draining", { state: "draining", clockSkewMilliseconds: 90_000 }],
  ["away", { state: "draining", connected: false }],
  ["never", { connected: false, lastSeenAt: undefined }],
  ["revoked", { state: "revoked", connected: false }],
] as const)("a controller is %s when %j", (health, change) => {
  expect(healthOf({ ...well, ...change } as Controller)).toBe(health);
});
