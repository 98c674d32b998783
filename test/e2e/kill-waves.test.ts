import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { type LedgerEntry, readLedger } from "../../src/engines/mock/ledger.ts";
import { openStore } from "../../src/web/store/open.ts";
import { untilSaid } from "../testkit/program.ts";
import { fixedSigningKeys } from "../testkit/spine.ts";

const child = fileURLToPath(new URL("../testkit/wave-kill-child.ts", import.meta.url));
/** As the child has it. */
const waveSize = 6;
/** Lives that are killed at a random time of their run; more with `KILL_LIVES`, for a soak. */
const lives = Number(process.env.KILL_LIVES ?? 6);

/** Lives until it exits, or is killed so long after it has started its run; its exit code, or null when it was killed. */
async function live(folder: string, run: string, killAfter?: number, variant = ""): Promise<number | null> {
  const life = spawn(process.execPath, [child, folder, run, variant], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = new Promise<number | null>((resolve) => life.on("exit", resolve));
  if (killAfter !== undefined) {
    await untilSaid(life, /started/);
    setTimeout(() => life.kill("SIGKILL"), killAfter);
  }
  return await exit;
}

/** What the hosts' own ledger, which is in the order of what happened, holds against the waves. */
function faultsOf(folder: string): { twice: string[]; early: string[] } {
  const ledger = existsSync(join(folder, "ledger")) ? readLedger(join(folder, "ledger")) : [];
  const twice: string[] = [];
  const early: string[] = [];
  for (const [runUid, entries] of Map.groupBy(ledger, (entry) => entry.runUid)) {
    const ran = entries.filter(({ what }) => what === "ran").map(({ position }) => position);
    for (const position of new Set(ran)) {
      if (ran.indexOf(position) !== ran.lastIndexOf(position)) twice.push(`${runUid} ${position}`);
    }
    for (const [at, entry] of entries.entries()) {
      const isEarly = entries.slice(at + 1).some((later) => waveOf(later) < waveOf(entry));
      if (entry.what === "ran" && isEarly) early.push(`${runUid} ${entry.position}`);
    }
  }
  return { twice, early };
}

function waveOf({ position }: LedgerEntry): number {
  return Math.floor(position / waveSize);
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "omserver-kill-waves-"));
  fixedSigningKeys(folder);
  try {
    await test(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

it("keeps waves in order over two controllers, wherever all of it is killed", async () => {
  await inFolder(async (folder) => {
    for (let i = 0; i < lives; i += 1) {
      await live(folder, `random ${i}`, Math.random() * 900);
      expect(faultsOf(folder)).toEqual({ twice: [], early: [] });
    }

    expect(await live(folder, "last")).toBe(0);

    expect(faultsOf(folder)).toEqual({ twice: [], early: [] });
    const store = await openStore({ kind: "sqlite", file: join(folder, "web.db") });
    const { rows } = await store.runs.list({}, "all", { limit: 1000 });
    const unfinished = await store.runs.unfinished();
    await store.close();
    expect(unfinished).toEqual([]);
    expect(rows.length).toBeGreaterThan(1);
    for (const { counts, hostCount } of rows) expect(counts.ok + counts.unknown).toBe(hostCount);
  });
}, 300_000);

it("catches a variant that releases waves too early", async () => {
  await inFolder(async (folder) => {
    expect(await live(folder, "a", undefined, "careless")).toBe(0);

    expect(faultsOf(folder).early.length).toBeGreaterThan(0);
  });
}, 60_000);
