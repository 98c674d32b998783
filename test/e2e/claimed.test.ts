import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Engine } from "../../src/contract/engine.ts";
import { createSshEngine } from "../../src/engines/ssh/ssh-engine.ts";
import { adhocModule } from "../../src/modules/adhoc.ts";
import { capabilitiesOf } from "../../src/modules/engine-tasks.ts";
import { until } from "../testkit/engine-run.ts";
import { joinSides, mockHost, openControllerSide, openSpine, operator, type Spine } from "../testkit/spine.ts";
import { type Sshd, startSshd } from "../testkit/sshd.ts";

let sshd: Sshd;

beforeAll(async () => {
  sshd = await startSshd();
});

afterAll(async () => {
  await sshd?.stop();
});

const hostCount = 4;
const lines = Array.from({ length: 60 }, (_, index) => `line ${index + 1}\n`).join("");

/** Counts for two seconds, ends with 3, and writes down that it started. */
function countingRun(spine: Spine) {
  const text = `echo start >>"${spine.folder}/starts"; i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo "line $i"; sleep 0.03; done; exit 3`;
  const hosts = Array.from({ length: hostCount }, (_, index) =>
    mockHost(index, { innerAddress: sshd.address(index), port: sshd.port, engines: ["ssh"] }),
  );
  const manifest = adhocModule({ command: ["/bin/sh", "-c", text] });
  return spine.start(0, { hosts, connectTimeoutMilliseconds: 20_000, module: { id: 0, version: 1, manifest } });
}

async function reachable({ web: { dispatcher } }: Spine): Promise<void> {
  await expect.poll(async () => (await dispatcher.controllers())[0]?.connected).toBe(true);
  const key = { kind: "key", user: "root", privateKey: sshd.privateKey } as const;
  await dispatcher.putCredential("default", key, [], operator);
  await dispatcher.setHostKeyPolicy("accept_new", operator);
}

function starts(spine: Spine): number {
  const file = join(spine.folder, "starts");
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
}

it("hosts that run while the controller is gone have their own end and whole output, each once, and keep nothing", async () => {
  const first = createSshEngine({ threads: 1 });
  const second = createSshEngine({ threads: 1 });
  await using spine = await openSpine([first]);
  await reachable(spine);
  const run = await countingRun(spine);
  await until("all hosts run", async () => starts(spine) === hostCount);
  await until("some output is stored", async () => (await spine.text(run, 0)).includes("line 2\n"));

  await spine.link.cut();
  await spine.controller.close();
  await first.close();
  spine.controller = await openControllerSide({
    folder: spine.folder,
    signingKey: spine.signingKey,
    engines: [second],
  });
  spine.link = joinSides(spine.web, spine.controller);
  const ended = await spine.finished(run);

  const executions = await spine.executions(run);
  const texts = await Promise.all(executions.map(({ position }) => spine.text(run, position)));
  expect(executions.map(({ state, exitCode }) => ({ state, exitCode }))).toEqual(
    Array.from({ length: hostCount }, () => ({ state: "failed", exitCode: 3 })),
  );
  expect(texts).toEqual(Array.from({ length: hostCount }, () => lines));
  expect(ended.needsAttention).toBe(false);
  expect(starts(spine)).toBe(hostCount);
  await expect.poll(() => sshd.kept()).toEqual([]);
  await second.close();
});

it("hosts that ended just before the controller's death, and heard nothing of it, hear it at its next start", async () => {
  const first = createSshEngine({ threads: 1 });
  const second = createSshEngine({ threads: 1 });
  const durable: number[] = [];
  await using spine = await openSpine([dyingBeforeTheWord(first, durable)]);
  await reachable(spine);
  const run = await countingRun(spine);
  await until("all hosts run", async () => starts(spine) === hostCount);
  await spine.link.cut();
  await until("all ends are on the controller's disk", async () => durable.length === hostCount);
  await spine.controller.close();
  await first.close();
  const keptBefore = sshd.kept().length;

  spine.controller = await openControllerSide({
    folder: spine.folder,
    signingKey: spine.signingKey,
    engines: [second],
  });

  await expect.poll(() => sshd.kept(), { timeout: 10_000 }).toEqual([]);
  expect(keptBefore).toBeGreaterThan(0);
  spine.link = joinSides(spine.web, spine.controller);
  const ended = await spine.finished(run);
  expect(ended.counts).toMatchObject({ failed: hostCount, unknown: 0 });
  await second.close();
});

/** The same engine, as if the controller died each time between the commit of an end and the word to its host. */
function dyingBeforeTheWord(engine: Engine, durable: number[]): Engine {
  const { manifest, recovery } = engine;
  if (recovery === undefined) throw new Error("the engine does not recover");
  return {
    manifest,
    probe: (signal) => engine.probe(signal),
    run: (job, signal) => engine.run(job, signal),
    recovery: {
      ...recovery,
      settled(_runUid, positions) {
        durable.push(...positions);
        return new Promise(() => undefined);
      },
    },
    close: () => engine.close(),
  };
}

it("a controller that stops leaves what can be found again as it is, also when it is told of it just then", async () => {
  const told: string[] = [];
  const engine: Engine = {
    manifest: { id: "ssh", capabilities: capabilitiesOf("ssh") },
    probe: async () => ({ usable: true, version: "scripted" }),
    async *run({ hosts, intend }) {
      const [position = 0] = await intend(hosts.map((host) => host.position));
      try {
        for (;;) {
          yield { kind: "output", position, stream: "stdout", data: Buffer.from(".") };
          told.push("output");
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      } finally {
        told.push("end it");
      }
    },
    recovery: {
      async *recover() {},
      settled: async () => undefined,
      settleAgain: async () => undefined,
    },
    close: async () => undefined,
  };
  await using spine = await openSpine([engine]);
  const hosts = [mockHost(0, { innerAddress: "127.1.0.1", engines: ["ssh"] })];
  await spine.start(0, { hosts });
  await until("it runs", async () => told.length > 3);

  await spine.controller.close();

  const outputs = told.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(outputs).toBeGreaterThan(3);
  expect(told).not.toContain("end it");
});
