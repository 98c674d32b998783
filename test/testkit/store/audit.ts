import { hash } from "node:crypto";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../src/contract/canonical-json.ts";
import { connect } from "../../../src/web/store/database.ts";
import { openStore } from "../../../src/web/store/open.ts";
import type { AuditEntry } from "../../../src/web/store/repositories/audit.ts";
import { uniqueName } from "./builders.ts";
import type { StoreContext, StoreSuite } from "./context.ts";

function anEntry(change: Partial<AuditEntry> = {}): AuditEntry {
  return {
    at: 1_700_000_000_000,
    actor: "alice",
    source: "192.0.2.7",
    action: "run.start",
    object: "run 7",
    hosts: "web[01-12]",
    detail: { module: "restart-service", parameters: { service: "nginx" } },
    ...change,
  };
}

export const auditSuite: StoreSuite = (context) => {
  describe("append", () => appending(context));
  describe("list", () => listing(context));
  // Last: it breaks the chain.
  describe("verify", () => verifying(context));
};

function appending(context: () => StoreContext): void {
  it("chains each record to the one before it by a hash that anyone can compute", async () => {
    const { audit } = context().store;

    const first = await audit.append(anEntry());
    const second = await audit.append(anEntry({ detail: JSON.parse('{"__proto__": "x", "b": 1, "a": "𝔘"}') as never }));

    expect([first.seq, second.seq]).toEqual([1, 2]);
    expect(first.previousHash).toBe("0".repeat(64));
    expect(second.previousHash).toBe(first.hash);
    const { hash: claimed, previousHash, ...content } = second;
    expect(hash("sha256", previousHash + canonicalJson(content), "hex")).toBe(claimed);
    expect((await audit.list({}, { limit: 1 })).rows).toEqual([second]);
  });

  it("gives consecutive places to all who write at once, from several web servers", async () => {
    const { store } = context();
    const others = [await context().openAgain(), await context().openAgain()];
    const before = (await store.audit.list({}, { limit: 1 })).rows[0]?.seq ?? 0;

    const stores = [store, ...others];
    const records = await Promise.all(
      Array.from({ length: 90 }, async (_, at) => await stores[at % 3]?.audit.append(anEntry({ object: `${at}` }))),
    );

    const places = records.map((record) => record?.seq ?? 0).sort((left, right) => left - right);
    expect(places).toEqual(places.map((_, at) => before + 1 + at));
    expect(await store.audit.verify()).toMatchObject({ ok: true, records: before + 90 });
  });

  it("says so when the record cannot be written", async () => {
    const { audit, close } = await openStore(await context().createDatabase());
    await close();
    await expect(audit.append(anEntry())).rejects.toMatchObject({ code: "audit.unavailable" });
  });

  it("keeps a record whatever is in it", async () => {
    const { audit } = context().store;
    const odd = anEntry({
      actor: `a\0\ud800${"x".repeat(1_048_576)}`,
      object: "'; drop table audit; --",
      detail: { nothing: undefined, number: Number.NaN, text: "\0", date: new Date(0) },
    });

    const record = await audit.append(odd);

    expect(record.actor).toMatch(/^a\ufffd\ufffdx+…$/);
    expect(record.detail).toEqual({ number: null, text: "\0", date: "1970-01-01T00:00:00.000Z" });
    expect((await audit.list({}, { limit: 1 })).rows).toEqual([record]);
    expect(await audit.verify()).toMatchObject({ ok: true });
  });
}

function listing(context: () => StoreContext): void {
  it("pages newest first and filters", async () => {
    const { audit } = context().store;
    const actor = uniqueName("lister");
    const records = [];
    for (const action of ["host.delete", "run.start", "run.cancel"] as const) {
      records.unshift(
        await audit.append(anEntry({ actor, action, at: 1000 + records.length, object: `100%_${action}!` })),
      );
    }
    const seqs = records.map(({ seq }) => seq);
    const listed = async (filter: Parameters<typeof audit.list>[0]) =>
      (await audit.list({ actor, ...filter }, { limit: 99 })).rows.map(({ seq }) => seq);

    const first = await audit.list({ actor }, { limit: 2 });
    const second = await audit.list({ actor }, { limit: 2, cursor: first.next });
    expect([...first.rows, ...second.rows]).toEqual(records);
    expect(second.next).toBeUndefined();
    expect(await listed({ action: "run.start" })).toEqual([seqs[1]]);
    expect(await listed({ from: 1001, to: 1002 })).toEqual([seqs[1]]);
    expect(await listed({ text: "RUN." })).toEqual([seqs[0], seqs[1]]);
    expect(await listed({ text: "100%_" })).toEqual(seqs);
    expect(await listed({ text: "0%r" })).toEqual([]);
    expect(await listed({ text: "l!" })).toEqual([seqs[0]]);
    expect(await listed({ text: "NGINX" })).toEqual(seqs);
    expect(await audit.activity({ actor, text: "100%_" })).toEqual([{ hour: 0, count: 3 }]);
    await audit.append(anEntry({ actor, at: 3_600_000 * 5 + 1 }));
    expect(await audit.activity({ actor, from: 1002 })).toEqual([
      { hour: 0, count: 1 },
      { hour: 3_600_000 * 5, count: 1 },
    ]);
    expect(await audit.activity({ actor: uniqueName("nobody") })).toEqual([]);
    await expect(audit.list({}, { limit: 1, cursor: "x" })).rejects.toMatchObject({ code: "request.invalid" });
  });
}

function verifying(context: () => StoreContext): void {
  it("names the first record that was changed, moved or taken out", async () => {
    const { store, config } = context();
    const whole = await store.audit.verify();
    expect(whole).toMatchObject({ ok: true });
    const database = connect(config);
    const change = (statement: ReturnType<typeof sql>) => statement.execute(database.writer);
    const faultAt = async () => {
      const result = await store.audit.verify();
      return result.ok ? undefined : result.seq;
    };

    await change(sql`update audit set actor = 'mallory' where seq = 3`);
    expect(await faultAt()).toBe(3);
    await change(sql`update audit set actor = 'alice' where seq = 3`);
    expect(await store.audit.verify()).toEqual(whole);
    await change(sql`update audit set detail = '{' where seq = 4`);
    expect(await faultAt()).toBe(4);
    await change(sql`delete from audit where seq = 4`);
    expect(await faultAt()).toBe(5);
    await change(sql`update audit set seq = 4 where seq = 5`);
    expect(await faultAt()).toBe(4);
    await change(sql`delete from audit where seq = 1`);
    expect(await faultAt()).toBe(2);
    await database.close();
  });
}
