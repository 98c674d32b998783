import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { expect, it } from "vitest";
import { joinInProcess } from "../../src/link/in-process/in-process.ts";
import { createDispatcher } from "../../src/web/dispatch/create-dispatcher.ts";
import { createIngest } from "../../src/web/ingest/ingest.ts";
import { answers, createScriptedEngine } from "../testkit/scripted-engine.ts";
import { finished, openSpine, operator, plannedRun, type Spine, until } from "../testkit/spine.ts";

/** Another web server over the same store, and its link, which can be cut and opened again. */
function second(spine: Spine) {
  const log = pino({ level: "silent" });
  const { store, live, files } = spine.web;
  const ingest = createIngest({ store, live, log });
  const dispatcher = createDispatcher({ store, live, files, ingest, log, signingKey: spine.signingKey });
  const stop = new AbortController();
  const joined = joinInProcess(
    (end) => dispatcher.attach(end, "main"),
    (end) => spine.controller.attach(end, "second"),
    stop.signal,
  );
  return {
    dispatcher,
    async close() {
      stop.abort();
      await joined;
      await dispatcher.close();
    },
  };
}

function slowly() {
  return createScriptedEngine(async function* (host): ReturnType<typeof answers> {
    await sleep(10);
    return yield* answers(host);
  });
}

it("takes orders from every web server, sends events to one, and to another when that link is cut", async () => {
  const engine = slowly();
  await using spine = await openSpine([engine]);
  const other = second(spine);
  try {
    await expect.poll(async () => (await other.dispatcher.controllers())[0]?.connected).toBe(true);
    const first = await spine.start(300, { width: 10 });
    const planned = plannedRun(300, { width: 10 });
    const fromOther = await other.dispatcher.start({ planned, query: "*", actor: operator });
    await until(spine.web, first, (item) => item.kind === "run" && item.frame.run.counts.ok > 30);

    await spine.link.cut();
    const alone = await other.dispatcher.start({ planned: plannedRun(20), query: "*", actor: operator });

    for (const run of [first, fromOther, alone]) {
      const end = await finished(spine.web, run);
      expect(end.counts.ok).toBe(run === alone ? 20 : 300);
      for (const { state, output } of await spine.executions(run)) {
        expect({ state, output }).toEqual({ state: "ok", output: "complete" });
      }
    }
    expect(engine.started.length).toBe(620);
  } finally {
    await other.close();
  }
});

it("ends no run as lost that another web server has just had accepted, or taken the end of", async () => {
  const engine = slowly();
  await using spine = await openSpine([engine]);
  const runs = await Promise.all(Array.from({ length: 20 }, () => spine.start(10, { width: 5 })));
  for (let i = 0; i < 15; i += 1) {
    const other = second(spine);
    await sleep(3 * i);
    runs.push(await spine.start(5));
    await other.close();
  }

  for (const run of runs) {
    const end = await spine.finished(run);
    expect(end.state).toBe("succeeded");
  }
  expect(new Set(engine.started).size).toBeGreaterThan(0);
  expect(engine.started.length).toBe(20 * 10 + 15 * 5);
});
