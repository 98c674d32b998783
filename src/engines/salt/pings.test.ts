import { afterEach, expect, test, vi } from "vitest";
import type { SaltCall, SaltJobs, SaltReturn } from "./jobs.ts";
import { createPings } from "./pings.ts";
import { createSigns } from "./signs.ts";

/** Which minions are pinged. Minions that are slow, and a master that is not, cannot be had for real at will. */

const answer: SaltReturn = { value: true, code: 0, success: true, trimmed: false };

afterEach(() => {
  vi.useRealTimers();
});

function rig(connected: readonly string[]) {
  const pinged: string[] = [];
  let questions = 0;
  const signs = createSigns();
  const jobs: SaltJobs = {
    async publish(call: SaltCall, onReturn) {
      pinged.push(...call.minions);
      for (const minion of call.minions) onReturn(minion, answer);
      return { id: "1", minions: new Set(call.minions), close: () => undefined };
    },
    catchUp: async () => undefined,
    heardAt: 0,
    close: () => undefined,
  };
  const master = {
    async connected(minion: string) {
      questions += 1;
      return connected.includes(minion);
    },
    pace: 300,
  };
  return { signs, pinged, questions: () => questions, pings: createPings(jobs, signs, master) };
}

/** Minions that take their time to answer. */
function slow(signs: ReturnType<typeof createSigns>): void {
  for (let times = 0; times < 20; times++) signs.answered(2000);
}

test("a minion that was heard of just now is not asked", async () => {
  const { pings, pinged, signs, questions } = rig([]);
  signs.heard("web-1");

  const found = await pings.ask("web-1", 1000);

  expect(found).toEqual({ kind: "alive" });
  expect(pinged).toEqual([]);
  expect(questions()).toBe(0);
});

test("where minions are slower than their master, the master is asked for those that were heard of in the last minutes", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const { pings, pinged, signs, questions } = rig(["web-1", "stranger"]);
  slow(signs);
  for (const minion of ["web-1", "gone", "long-ago"]) signs.heard(minion);
  vi.advanceTimersByTime(60_000);
  for (const minion of ["web-1", "gone"]) await pings.ask(minion, 1000);
  const askedForHeard = [...pinged];
  vi.advanceTimersByTime(600_000);

  await Promise.all(["long-ago", "stranger"].map((minion) => pings.ask(minion, 1000)));

  expect(askedForHeard).toEqual(["gone"]);
  expect(pinged).toEqual(["gone", "long-ago", "stranger"]);
  expect(questions()).toBe(2);
});

test("where minions answer sooner than their master, they are pinged", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const { pings, pinged, signs, questions } = rig(["web-1"]);
  signs.answered(100);
  signs.heard("web-1");
  vi.advanceTimersByTime(60_000);

  await pings.ask("web-1", 1000);

  expect(pinged).toEqual(["web-1"]);
  expect(questions()).toBe(0);
});
