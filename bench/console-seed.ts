import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { openStore } from "../src/web/store/open.ts";
import type { EndedExecution } from "../src/web/store/repositories/executions.ts";
import type { Store } from "../src/web/store/store.ts";

/** What the benchmark of the console looks at: finished runs, written into the product's database before it starts. */
export interface SeededRuns {
  readonly hosts10k: number;
  readonly hosts100k: number;
  /** One host that printed 300,000 lines. */
  readonly lines300k: number;
}

const batch = 2000;

export async function seedRuns(dataFolder: string): Promise<SeededRuns> {
  const store = await openStore({ kind: "sqlite", file: join(dataFolder, "omserver.db") });
  try {
    return {
      hosts10k: await finishedRun(store, 10_000, answerOf),
      hosts100k: await finishedRun(store, 100_000, answerOf),
      lines300k: await finishedRun(store, 1, manyLines),
    };
  } finally {
    await store.close();
  }
}

async function finishedRun(store: Store, hosts: number, answer: (position: number) => Answer): Promise<number> {
  const { run } = await store.runs.create({
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
      hostName: hostName(position),
      address: `10.${position >> 16}.${(position >> 8) & 255}.${position & 255}`,
      engine: "mock",
      appCategoryId: 1 + (position % 1000),
      controller: "main",
      wave: 0,
    })),
  });
  for (let from = 0; from < hosts; from += batch) {
    const positions = Array.from({ length: Math.min(batch, hosts - from) }, (_, place) => from + place);
    await store.runs.apply({
      runUid: run.uid,
      controller: "main",
      firstSeq: from + 1,
      lastSeq: from + positions.length,
      dispatching: [],
      running: positions.map((position) => ({ position, at: run.createdAt + 20 + (position >> 3) })),
      output: [],
      ended: positions.map((position) => ended(position, run.createdAt, answer(position))),
      runEnded: from + batch >= hosts,
    });
  }
  return run.id;
}

export function hostName(position: number): string {
  return `web${String(position).padStart(6, "0")}.example.com`;
}

type Answer = Pick<EndedExecution, "state" | "reason"> & { readonly exitCode?: number; readonly text: string };

const usual = `${Array.from({ length: 12 }, (_, line) => `Nov 25 09:0${line % 10}:11 systemd[1]: unit-${line}.service: Succeeded.`).join("\n")}\n`;

/** Nine in ten alike, forty other answers, one in a hundred failed and one not reached. */
function answerOf(position: number): Answer {
  if (position % 100 === 7)
    return { state: "failed", reason: "", exitCode: 1, text: "Unit nginx.service not found.\n" };
  if (position % 100 === 13) {
    return { state: "unreachable", reason: `${hostName(position)} refused the connection.`, text: "" };
  }
  const variant = position % 10 === 3 ? ((position / 10) % 40) | 0 : -1;
  return {
    state: "ok",
    reason: "",
    exitCode: 0,
    text: variant < 0 ? usual : usual.replace("unit-5", `unit-x${variant}`),
  };
}

function manyLines(): Answer {
  const lines = Array.from({ length: 300_000 }, (_, line) =>
    line % 5 === 0
      ? `\u001b[32mok\u001b[0m line ${line}: some text of ordinary length from a program`
      : `line ${line}: some text of ordinary length that a program prints`,
  );
  return { state: "ok", reason: "", exitCode: 0, text: `${lines.join("\n")}\n` };
}

function ended(position: number, createdAt: number, { text, ...end }: Answer): EndedExecution {
  const data = Buffer.from(text);
  return {
    position,
    at: createdAt + 60 + (position >> 3) + ((position * 7919) % 400),
    signal: "",
    ...end,
    stdoutBytes: data.byteLength,
    stderrBytes: 0,
    output: "complete",
    stdout: { offset: 0, data },
    stderr: { offset: 0, data: new Uint8Array() },
  };
}
