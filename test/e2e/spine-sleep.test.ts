import { expect, it } from "vitest";
import type { Execution } from "../../src/web/store/repositories/executions.ts";
import { answers, createScriptedEngine } from "../testkit/scripted-engine.ts";
import { openSpine } from "../testkit/spine.ts";

const minute = 60_000;

/** Four hosts, one after another; the controller sleeps, or its clock steps, while the first of them runs. */
async function sleeping(during: {
  readonly uptime: number;
  readonly clock: number;
}): Promise<{ readonly executions: readonly Execution[]; readonly started: readonly number[] }> {
  const passed = { uptime: 0, clock: 0 };
  const engine = createScriptedEngine((host) => {
    if (host.position === 0) Object.assign(passed, during);
    return answers(host);
  });
  const clocks = { uptime: () => passed.uptime + performance.now(), clock: () => Date.now() + passed.clock };
  await using spine = await openSpine([engine], clocks);
  const run = await spine.finished(await spine.start(4, { width: 1 }));
  return { executions: await spine.executions(run), started: engine.started };
}

it("begins no more hosts when the order expired while the controller stood still, and says so", async () => {
  const { executions, started } = await sleeping({ uptime: 61 * minute, clock: 61 * minute });

  expect(started).toEqual([0]);
  expect(executions.map(({ state }) => state)).toEqual(["ok", "not_started", "not_started", "not_started"]);
  expect(executions[1]?.reason).toBe("Not started: the order expired while the controller was stopped.");
});

it("goes on when the order is still good after it stood still", async () => {
  const { executions } = await sleeping({ uptime: 50 * minute, clock: 50 * minute });

  expect(executions.map(({ state }) => state)).toEqual(["ok", "ok", "ok", "ok"]);
});

it("goes on when only the clock says that the order has expired", async () => {
  const { executions } = await sleeping({ uptime: 0, clock: 61 * minute });

  expect(executions.map(({ state }) => state)).toEqual(["ok", "ok", "ok", "ok"]);
});
