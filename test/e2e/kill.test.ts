import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { isFinalExecutionState, isFinalRunState } from "../../src/contract/states.ts";
import { readLedger } from "../../src/engines/mock/ledger.ts";
import { openStore } from "../../src/web/store/open.ts";
import type { Execution } from "../../src/web/store/store.ts";
import { fixedSigningKeys } from "../testkit/spine.ts";

// SIGKILL says nothing of power cuts: what was written without fsync survives it too.

const child = fileURLToPath(new URL("../testkit/kill-child.ts", import.meta.url));
const printed = "what it printed";

/** Before and after each durable write, and in the recovery from the kill before. */
const namedPoints = [
  "create.after",
  "accept.before",
  "accept.after",
  "journal.before",
  "recover.after",
  "journal.after 2",
  "journal.before 3",
  "accepted.before",
  "apply.before",
  "recover.before",
  "apply.after",
  "journal.before 5",
];

/** Lives that are killed at a random time besides; more with `KILL_LIVES`, for a soak. */
const randomLives = Number(process.env.KILL_LIVES ?? 3);

interface Life {
  readonly run: string;
  readonly point?: string;
  readonly killAfter?: number;
  readonly variant?: string;
}

/** Lives until it exits or is killed; gives its exit code, or null when it was killed. */
function live(folder: string, { run, point = "", killAfter, variant = "" }: Life): Promise<number | null> {
  const [name = "", count = "1"] = point.split(" ");
  const life = spawn(process.execPath, [child, folder, run, name, count, variant], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const timer = killAfter === undefined ? undefined : setTimeout(() => life.kill("SIGKILL"), killAfter);
  return new Promise((resolve) => {
    life.on("exit", (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

interface Truth {
  /** Hosts that ran more than once. */
  readonly twice: string[];
  /** Hosts whose state says something that did not happen. */
  readonly untrue: string[];
  readonly executions: ReadonlyMap<string, Execution>;
  readonly runs: number;
}

/** Holds the store against the ledger, which the hosts wrote themselves. */
async function readTruth(folder: string): Promise<Truth> {
  const ran = new Map<string, number>();
  const ledger = existsSync(join(folder, "ledger")) ? readLedger(join(folder, "ledger")) : [];
  for (const { what, runUid, position } of ledger) {
    if (what === "ran") ran.set(`${runUid} ${position}`, (ran.get(`${runUid} ${position}`) ?? 0) + 1);
  }
  const executions = new Map<string, Execution>();
  const untrue: string[] = [];
  const store = await openStore({ kind: "sqlite", file: join(folder, "web.db") });
  const { rows } = await store.runs.list({}, "all", { limit: 1000 });
  for (const run of rows) {
    for (const execution of await store.runs.executions(run.id, { limit: 1000 })) {
      const name = `${run.uid} ${execution.position}`;
      executions.set(name, execution);
      if (!isFinalExecutionState(execution.state)) continue;
      const mayBe = ran.has(name) ? ["ok", "unknown"] : ["not_started", "unknown"];
      if (!mayBe.includes(execution.state)) untrue.push(`${name}: ${execution.state}`);
      if (execution.state === "ok") {
        const bytes = await store.runs.output(run.id, execution.position, "stdout", { offset: 0, limit: 1000 });
        if (Buffer.from(bytes ?? []).toString() !== printed) untrue.push(`${name}: ${Buffer.from(bytes ?? [])}`);
      }
    }
    if (isFinalRunState(run.state) && run.counts.unknown > 0 && !run.needsAttention)
      untrue.push(`run ${run.id}: no attention`);
  }
  await store.close();
  const twice = [...ran].filter(([, times]) => times > 1).map(([name]) => name);
  return { twice, untrue, executions, runs: rows.length };
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "omserver-kill-"));
  fixedSigningKeys(folder);
  try {
    await test(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

it("runs no host twice, loses no result and leaves no host indefinite, wherever it is killed", async () => {
  await inFolder(async (folder) => {
    const lives: Life[] = namedPoints.map((point, i) => ({ run: `named ${i}`, point }));
    for (let i = 0; i < randomLives; i += 1) lives.push({ run: `random ${i}`, killAfter: 500 + Math.random() * 600 });
    const settled = new Map<string, Execution>();
    for (const life of lives) {
      const code = await live(folder, life);

      if (life.point !== undefined) expect(`${life.point}: ${code}`).toBe(`${life.point}: null`);
      const { twice, untrue, executions } = await readTruth(folder);
      expect({ twice, untrue }).toEqual({ twice: [], untrue: [] });
      // What was once told as final stays as it was.
      for (const [name, execution] of settled) expect(executions.get(name)).toEqual(execution);
      for (const [name, execution] of executions)
        if (isFinalExecutionState(execution.state)) settled.set(name, execution);
    }

    expect(await live(folder, { run: "last" })).toBe(0);

    const { twice, untrue, executions, runs } = await readTruth(folder);
    expect({ twice, untrue }).toEqual({ twice: [], untrue: [] });
    expect(runs).toBeGreaterThan(namedPoints.length / 2);
    const states = [...executions.values()].map((execution) => execution.state);
    expect(states.every(isFinalExecutionState)).toBe(true);
    expect(states.filter((state) => state === "ok").length).toBeGreaterThan(states.length / 4);
    expect(states.filter((state) => state === "not_started")).toEqual([]);
  });
}, 600_000);

it("catches a variant that begins hosts before their intent is on disk", async () => {
  await inFolder(async (folder) => {
    await live(folder, { run: "a", point: "journal.before", variant: "careless" });
    await live(folder, { run: "b" });

    expect((await readTruth(folder)).twice.length).toBeGreaterThan(0);
  });
}, 60_000);
