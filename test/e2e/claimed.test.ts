import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSshEngine } from "../../src/engines/ssh/ssh-engine.ts";
import { adhocModule } from "../../src/modules/adhoc.ts";
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

function starts(spine: Spine): number {
  const file = join(spine.folder, "starts");
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
}

it("hosts that run while the controller is gone have their own end and whole output, each once, and keep nothing", async () => {
  const first = createSshEngine({ threads: 1 });
  const second = createSshEngine({ threads: 1 });
  await using spine = await openSpine([first]);
  await expect.poll(async () => (await spine.web.dispatcher.controllers())[0]?.connected).toBe(true);
  await spine.web.dispatcher.putCredential(
    "default",
    { kind: "key", user: "root", privateKey: sshd.privateKey },
    [],
    operator,
  );
  await spine.web.dispatcher.setHostKeyPolicy("accept_new", operator);
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
