import { describe, expect, it } from "vitest";
import { command, makeJob } from "../../../test/testkit/engine-run.ts";
import type { EngineEvent, EngineHost } from "../../contract/engine.ts";
import { EngineThread } from "../job/engine-thread.ts";
import { JobOnMain } from "./job-on-main.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import type { FuncThread } from "./thread.ts";

const context = {
  credential: async () => {
    throw new Error("Func signs in by certificate");
  },
  hostKeys: { check: async () => "unknown" as const },
};
const hosts: EngineHost[] = [0, 1, 2].map((position) => ({
  position,
  name: `minion-${position}`,
  address: "127.0.0.1",
  port: 51_234,
  jumps: [],
}));

/** Two hosts at once of three, on a thread that runs this. */
async function runOn(script: string): Promise<EngineEvent[]> {
  const job = makeJob(context, hosts, command(["true"]), { width: 2 });
  const thread: FuncThread = new EngineThread<ToWorker, FromWorker>(
    { entry: new URL(`data:text/javascript,${encodeURIComponent(script)}`), workerData: undefined, name: "func" },
    (message) => {
      if (message.kind !== "tested") running.take(thread, message);
    },
  );
  const running = new JobOnMain(1, job, () => (thread.dead ? "It is gone." : thread), new AbortController().signal);
  thread.onDeath = (reason) => running.threadDied(thread, reason);
  thread.ready.catch(() => undefined);
  const events: EngineEvent[] = [];
  for await (const event of running.events()) events.push(event);
  return events;
}

describe("a thread that dies", () => {
  it("leaves the hosts in its hands unknown, once each, and the others go on", async () => {
    const events = await runOn(`
      import { parentPort } from "node:worker_threads";
      parentPort.on("message", ({ kind }) => {
        if (kind !== "hosts") return;
        parentPort.postMessage({ kind: "events", job: 1, events: [{ kind: "started", position: 0 }] });
        setTimeout(() => { throw new Error("broken"); }, 50);
      });
      parentPort.postMessage({ kind: "ready" });
    `);

    expect(events.filter(({ kind }) => kind === "started")).toEqual([{ kind: "started", position: 0 }]);
    expect(events.filter(({ kind }) => kind === "ended")).toMatchObject([
      { position: 0, state: "unknown", output: "partial", reason: expect.stringContaining("broken") },
      { position: 1, state: "unknown" },
      { position: 2, state: "not_started", reason: "It is gone." },
    ]);
  });

  it("before it could work has started nothing", async () => {
    const events = await runOn(`throw new Error("no such module");`);

    expect(events).toHaveLength(3);
    expect(events[0]).toMatchObject({ state: "not_started", reason: expect.stringContaining("no such module") });
  });
});
