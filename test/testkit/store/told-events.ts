import { setTimeout as sleep } from "node:timers/promises";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { pino } from "pino";
import { expect, it } from "vitest";
import { execution, executionDetail, executionStep } from "../../../src/contract/http/schemas/runs.ts";
import { EventBatchSchema } from "../../../src/contract/link/controller_pb.ts";
import { executionView } from "../../../src/web/http/views.ts";
import { createIngest } from "../../../src/web/ingest/ingest.ts";
import { aRun } from "./builders.ts";
import type { StoreSuite } from "./context.ts";

const hosts = 3;

const text = fc.oneof(
  fc.constantFrom("", "ok", "failed", "changed", "complete", "TERM", "a\0b", "a\nb", "\u001b[31m", "__proto__"),
  fc.constantFrom("x".repeat(5000), "é".repeat(40_000), "🐧".repeat(3000)),
  fc.string({ unit: "binary", maxLength: 10 }).map((some) => some.toWellFormed()),
);
const position = fc.oneof(
  { weight: 3, arbitrary: fc.nat(hosts - 1) },
  { weight: 1, arbitrary: fc.constantFrom(hosts, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1) },
);
const edges = [0n, 1n, 2n ** 31n, 2n ** 38n, 2n ** 53n, 2n ** 63n - 1n];
const size = fc.oneof(fc.bigInt(0n, 20n), fc.constantFrom(...edges, 2n ** 63n, 2n ** 64n - 1n));
const atMs = fc.oneof(fc.bigInt(0n, 10_000n), fc.constantFrom(...edges, -1n, -(2n ** 63n)));
const uint32 = fc.constantFrom(0, 5, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1);
const data = fc.uint8Array({ maxLength: 20 });
const facts = fc.oneof(
  data,
  fc.json().map((some) => Buffer.from(some)),
  fc
    .constantFrom('{"a": "\\u0000"}', '{"\\ud800": 1}', '{"__proto__": {}}', '{"a": 1e999}')
    .map((some) => Buffer.from(some)),
);
const kind = fc.oneof(
  told("dispatching", { positions: fc.array(position, { maxLength: 4 }) }),
  told("running", { positions: fc.array(position, { maxLength: 4 }) }),
  told("output", { position, stderr: fc.boolean(), offset: size, data }),
  told("ended", {
    position,
    state: text,
    exitCode: fc.option(fc.constantFrom(0, 255, -1, 2 ** 31 - 1, -(2 ** 31)), { nil: undefined }),
    signal: text,
    reason: text,
    stdoutBytes: size,
    stderrBytes: size,
    output: text,
    stdoutOffset: size,
    stdout: data,
    stderrOffset: size,
    stderr: data,
    durationMs: uint32,
  }),
  told("notice", { position, code: fc.constantFrom("engine", "host_key_trusted", "spool"), message: text }),
  told("step", {
    position,
    path: fc.array(text, { maxLength: 3 }),
    name: text,
    action: text,
    status: text,
    message: text,
    diff: text,
    milliseconds: fc.option(uint32, { nil: undefined }),
  }),
  told("facts", { position, facts }),
);

function told(name: string, fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  return fc.record({ case: fc.constant(name), value: fc.record(fields) });
}

/** Events that fit the link's own definition, and that no honest controller would send. */
export const toldEventsSuite: StoreSuite = (context) => {
  it("takes whatever a controller tells of its run, and can show all of it", async () => {
    const { store } = context();
    const { runs } = store;
    const ingest = createIngest({ store, live: { changed: () => undefined }, log: pino({ level: "silent" }) });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ atMs, kind }), { minLength: 1, maxLength: 8 }), async (some) => {
        const { run } = await runs.create(aRun(hosts));
        const events = some.map((event, index) => ({ ...event, seq: BigInt(index + 1) }));
        const batch = create(EventBatchSchema, { runUid: run.uid, events } as MessageInitShape<
          typeof EventBatchSchema
        >);
        const acknowledged = Promise.withResolvers<number>();
        const session = ingest.open({
          controller: "main",
          progress: new Map(),
          acknowledge: (_, seq) => acknowledged.resolve(seq),
          broken: acknowledged.reject,
        });

        await session.push(batch);

        const stored = await Promise.race([acknowledged.promise, sleep(20_000, "nothing yet", { ref: false })]);
        await session.close();
        expect(stored).toBe(some.length);
        for (const row of await runs.executions(run.id, { limit: hosts })) {
          execution.parse(executionView(row));
          executionDetail.parse({ ...executionView(row), notices: await runs.notices(run.id, row.position) });
          for (const step of await runs.steps(run.id, row.position, { limit: 100 })) executionStep.parse(step);
        }
      }),
      { numRuns: Number(process.env.TOLD ?? 40) },
    );
  }, 120_000);
};
