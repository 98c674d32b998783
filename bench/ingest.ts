import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { connect } from "../src/web/store/database.ts";
import type { DatabaseConfig } from "../src/web/store/database-config.ts";
import { openStore } from "../src/web/store/open.ts";
import type { EndedExecution } from "../src/web/store/repositories/executions.ts";
import type { NewRun } from "../src/web/store/repositories/runs.ts";
import type { Store } from "../src/web/store/store.ts";
import { startMariaDb, startPostgres } from "../test/testkit/databases.ts";

/**
 * Host results per second that become durable through `RunRepository.apply`, batch after batch, on each database with
 * every commit written through to the disk. Half of the outputs are the same text, the other half are all different.
 * MariaDB and PostgreSQL come from the system's packages and run on this machine beside the client.
 * Options: `hosts` (10,000), `batch` (200), `rounds` (3; the median counts).
 */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<object> {
  const hosts = Number(options.hosts ?? 10_000);
  const batch = Number(options.batch ?? 200);
  const rounds = Number(options.rounds ?? 3);
  const folder = mkdtempSync(join(tmpdir(), "om-bench-ingest-"));
  const figures: Record<string, number> = {};
  const versions: Record<string, string> = { node: process.versions.node };
  const measure = async (name: string, config: DatabaseConfig) => {
    versions[name] = await versionOf(config);
    figures[`${name}PerS`] = Math.round(await perSecond(name, config, { hosts, batch, rounds }));
  };
  try {
    await measure("sqlite", { kind: "sqlite", file: join(folder, "bench.db") });
    for (const [name, start] of [
      ["mariadb", startMariaDb],
      ["postgres", startPostgres],
    ] as const) {
      const server = await start({ durable: true });
      try {
        await measure(name, await server.createDatabase());
      } finally {
        await server.stop();
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { bench: "ingest", ...figures, hosts, batch, outputBytes, rounds, versions };
}

interface Size {
  readonly hosts: number;
  readonly batch: number;
  readonly rounds: number;
}

const outputBytes = 300;

async function perSecond(name: string, config: DatabaseConfig, { hosts, batch, rounds }: Size): Promise<number> {
  const store = await openStore(config);
  try {
    await ingest(store, Math.min(hosts, 1000), batch);
    const measured: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const figure = await ingest(store, hosts, batch);
      process.stderr.write(`${name}: round ${round} of ${rounds}, ${Math.round(figure)} host results per second\n`);
      measured.push(figure);
    }
    return measured.sort((left, right) => left - right)[Math.floor(rounds / 2)] ?? 0;
  } finally {
    await store.close();
  }
}

/** A run of its own; only the time of `apply` counts. */
async function ingest(store: Store, hosts: number, batch: number): Promise<number> {
  const { run } = await store.runs.create(aRun(hosts));
  const batches: EndedExecution[][] = [];
  for (let start = 0; start < hosts; start += batch) {
    const positions = Array.from({ length: Math.min(batch, hosts - start) }, (_, at) => start + at);
    batches.push(positions.map(ended));
  }
  let seq = 0;
  const begin = performance.now();
  for (const results of batches) {
    const firstSeq = seq + 1;
    seq += results.length;
    await store.runs.apply({
      runUid: run.uid,
      controller: "main",
      firstSeq,
      lastSeq: seq,
      dispatching: [],
      running: [],
      output: [],
      ended: results,
      runEnded: seq === hosts,
    });
  }
  const seconds = (performance.now() - begin) / 1000;
  const after = await store.runs.get(run.id, "all");
  if (after?.state !== "succeeded" || after.counts.ok !== hosts) throw new Error(`the run ended ${after?.state}`);
  return hosts / seconds;
}

function aRun(hosts: number): NewRun {
  return {
    uid: randomUUID(),
    moduleId: 1001,
    moduleVersion: 1,
    moduleKey: "view-system-log",
    moduleName: { zh: "查看系统日志", en: "View the system log" },
    danger: "read",
    parameters: { lines: 10 },
    query: "all",
    planSha256: "0".repeat(64),
    width: 256,
    becomeUser: "",
    timeoutMilliseconds: 300_000,
    requestedBy: "bench",
    requestedByUserId: 1,
    orders: [{ controller: "main", order: randomBytes(64) }],
    executions: Array.from({ length: hosts }, (_, position) => ({
      position,
      hostId: position + 1,
      hostName: `host${position}.example.com`,
      address: `10.${position >> 16}.${(position >> 8) & 255}.${position & 255}`,
      engine: "ssh",
      appCategoryId: 1 + (position % 100),
      controller: "main",
      wave: 0,
    })),
  };
}

const sameText = Buffer.alloc(outputBytes, "Debian GNU/Linux 12 (bookworm)\n");

function ended(position: number): EndedExecution {
  const data = position % 2 === 0 ? sameText : Buffer.from(randomBytes(outputBytes / 2).toString("hex"));
  return {
    position,
    at: Date.now(),
    state: "ok",
    exitCode: 0,
    signal: "",
    reason: "",
    stdoutBytes: data.byteLength,
    stderrBytes: 0,
    output: "complete",
    stdout: { offset: 0, data },
    stderr: { offset: 0, data: new Uint8Array() },
  };
}

async function versionOf(config: DatabaseConfig): Promise<string> {
  const database = connect(config);
  try {
    const version = sql.raw<{ version: string }>(
      config.kind === "sqlite" ? "select sqlite_version() as version" : "select version() as version",
    );
    return (await version.execute(database.writer)).rows[0]?.version ?? "";
  } finally {
    await database.close();
  }
}
