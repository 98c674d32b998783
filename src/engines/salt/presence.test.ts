import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LowState, SaltApi } from "./api.ts";
import { createMasterPresence } from "./presence.ts";
import { denied, refuse } from "./refusals.ts";
import { saltSettings } from "./settings.ts";
import { createSigns } from "./signs.ts";

/** How the master is asked. A master with ten thousand minions, and one that is busy, cannot be had for real at will. */

const settings = saltSettings.parse({ url: "https://salt.example", user: "omserver", passwordFile: "/dev/null" });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A master where these have connections; what its two functions take, or that they are not permitted. */
function rig(connected: readonly string[], wheel: number | "denied", runner: number | "denied") {
  const asked: string[] = [];
  const signs = createSigns();
  async function call(chunk: LowState): Promise<unknown> {
    asked.push(String(chunk.fun));
    const takes = chunk.client === "wheel" ? wheel : runner;
    if (takes === "denied") throw refuse(denied(chunk, settings));
    await new Promise((resolve) => setTimeout(resolve, takes));
    if (chunk.client === "wheel") return { data: { success: true, return: connected } };
    const { subset } = chunk.kwarg as { subset?: readonly string[] };
    return connected.filter((minion) => subset?.includes(minion) ?? true);
  }
  const api: SaltApi = {
    call,
    events: () => Promise.reject(new Error("no events here")),
    permissions: async () => [],
    close: () => undefined,
  };
  const presence = createMasterPresence(api, signs);
  async function ask(...minions: string[]): Promise<(boolean | undefined)[]> {
    const found = Promise.all(minions.map((minion) => presence.connected(minion)));
    await vi.runAllTimersAsync();
    return found;
  }
  return { asked, signs, presence, ask };
}

test("what is asked in the same moment is one question to a process that runs already", async () => {
  const { ask, asked, presence } = rig(["web-1", "web-2"], 80, 300);

  const found = await ask("web-1", "gone", "web-2");

  expect(found).toEqual([true, false, true]);
  expect(asked).toEqual(["minions.connected"]);
  expect(presence.pace).toBe(80);
});

test("of a master with very many minions it is asked for those alone that matter", async () => {
  const { ask, asked, signs } = rig(["web-1", "web-2"], 9000, 300);
  signs.heard("web-2");

  const found = [await ask("web-1"), await ask("web-1"), await ask("gone")];

  expect(found).toEqual([[true], [true], [false]]);
  expect(asked).toEqual(["minions.connected", "manage.present", "manage.present"]);
});

test("without the right to the one it is asked by the other, and not again in vain", async () => {
  const { ask, asked } = rig(["web-1"], "denied", 300);

  const found = [await ask("web-1"), await ask("web-1")];

  expect(found).toEqual([[true], [true]]);
  expect(asked).toEqual(["minions.connected", "manage.present", "manage.present"]);
});

test("without any right, and where the master knows nobody at all, nothing is known", async () => {
  const without = rig(["web-1"], "denied", "denied");
  const nobody = rig([], "denied", 300);

  const found = [await without.ask("web-1"), await nobody.ask("web-1")];

  expect(found).toEqual([[undefined], [undefined]]);
  expect(without.presence.pace).toBe(Number.POSITIVE_INFINITY);
  expect(nobody.asked).toEqual(["minions.connected", "manage.present", "manage.present"]);
});
