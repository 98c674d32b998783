import { expect, it } from "vitest";
import { answers, createScriptedEngine } from "../testkit/scripted-engine.ts";
import { openSpine } from "../testkit/spine.ts";

it("takes a run from its plan to every host's answer in the store", async () => {
  const engine = createScriptedEngine((host) => answers(host));
  await using spine = await openSpine([engine]);

  const run = await spine.finished(await spine.start(200));

  expect(run).toMatchObject({ state: "succeeded", hostCount: 200, needsAttention: false });
  expect(run.counts.ok).toBe(200);
  const executions = await spine.executions(run);
  expect(
    executions.every(
      (execution) => execution.state === "ok" && execution.exitCode === 0 && execution.output === "complete",
    ),
  ).toBe(true);
  expect(await spine.text(run, 7)).toBe("hello from web00007\n");
  expect(engine.started.length).toBe(200);
  expect(engine.widest()).toBeLessThanOrEqual(50);
});
