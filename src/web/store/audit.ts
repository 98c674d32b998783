import { hash } from "node:crypto";
import { type Selectable, type SelectQueryBuilder, sql } from "kysely";
import { canonicalJson } from "../../contract/canonical-json.ts";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { insertRows } from "./bulk.ts";
import { storableText } from "./check-text.ts";
import { readCursor, toPage } from "./cursor.ts";
import type { Database } from "./database.ts";
import type { AuditFields, AuditFilter, AuditRecord, AuditRepository } from "./repositories/audit.ts";
import { isUniqueViolation } from "./store-errors.ts";
import type { Tables } from "./tables.ts";

const columns = [
  "seq",
  "occurred_at",
  "actor",
  "source",
  "action",
  "object",
  "hosts",
  "detail",
  "previous_hash",
  "hash",
] as const satisfies readonly (keyof Tables["audit"])[];

/** `previousHash` of the first record. */
const firstPreviousHash = "0".repeat(64);
/** Records of one statement. */
const mostAtOnce = 200;
/** Each loses to another writer's success, so that only many web servers at once get anywhere near. */
const attempts = 100;
const recordsAtOnce = 1000;
const hourMilliseconds = 3_600_000;

interface Waiting {
  readonly entry: AuditFields;
  resolve(record: AuditRecord): void;
  reject(error: unknown): void;
}

export function createAudit(database: Database): AuditRepository {
  const waiting: Waiting[] = [];
  let isWriting = false;

  /** One writer a process; what comes meanwhile goes together in the next statement. */
  async function writeWaiting(): Promise<void> {
    if (isWriting) return;
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, mostAtOnce);
      try {
        const records = await appendAll(
          database,
          batch.map(({ entry }) => entry),
        );
        batch.forEach((one, at) => {
          const record = records[at];
          if (record !== undefined) one.resolve(record);
        });
      } catch (error) {
        for (const one of batch) one.reject(unavailable(error));
      }
    }
    isWriting = false;
  }

  return {
    append(entry) {
      return new Promise((resolve, reject) => {
        waiting.push({ entry: storable(entry), resolve, reject });
        void writeWaiting();
      });
    },

    async list(filter, { cursor, limit }) {
      const before = readCursor(cursor);
      let query = filtered(database.reader.selectFrom("audit").selectAll(), filter)
        .orderBy("seq", "desc")
        .limit(limit + 1);
      if (before !== undefined) query = query.where("seq", "<", before);
      const page = toPage(await query.execute(), limit, (row) => row.seq);
      return { ...page, rows: page.rows.map(toRecord) };
    },

    async activity(filter) {
      const hour = sql<number>`occurred_at - occurred_at % ${sql.lit(hourMilliseconds)}`;
      const rows = await filtered(
        database.reader
          .selectFrom("audit")
          .select((build) => [hour.as("hour"), build.fn.countAll<number>().as("count")])
          .groupBy(hour),
        filter,
      ).execute();
      return rows.map((row) => ({ hour: Number(row.hour), count: Number(row.count) })).sort((a, b) => a.hour - b.hour);
    },

    verify: () => verify(database),
  };
}

function filtered<Row>(
  query: SelectQueryBuilder<Tables, "audit", Row>,
  { actor, action, text, from, to }: AuditFilter,
): SelectQueryBuilder<Tables, "audit", Row> {
  let narrowed = query;
  if (actor !== undefined) narrowed = narrowed.where("actor", "=", actor);
  if (action !== undefined) narrowed = narrowed.where("action", "=", action);
  if (from !== undefined) narrowed = narrowed.where("occurred_at", ">=", from);
  if (to !== undefined) narrowed = narrowed.where("occurred_at", "<", to);
  if (text !== undefined && text !== "") {
    const pattern = `%${text.toLowerCase().replaceAll(/[!%_]/g, "!$&")}%`;
    narrowed = narrowed.where((build) =>
      build.or(
        (["actor", "source", "action", "object", "hosts", "detail"] as const).map(
          (column) => sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '!'`,
        ),
      ),
    );
  }
  return narrowed;
}

async function appendAll(database: Database, entries: readonly AuditFields[]): Promise<AuditRecord[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transaction(async (transaction) => {
        const last = await transaction
          .selectFrom("audit")
          .select(["seq", "hash"])
          .orderBy("seq", "desc")
          .limit(1)
          .executeTakeFirst();
        const records = chain(entries, last ?? { seq: 0, hash: firstPreviousHash });
        // The key refuses a place that another web server has taken meanwhile.
        await insertRows(database, transaction, "audit", columns, records.map(toRow));
        return records;
      });
    } catch (error) {
      if (!isUniqueViolation(error) || attempt >= attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(attempt, 10)));
    }
  }
}

function chain(entries: readonly AuditFields[], last: { seq: number; hash: string }): AuditRecord[] {
  let { seq, hash: previousHash } = last;
  return entries.map((entry) => {
    seq += 1;
    const record = { ...entry, seq, previousHash, hash: recordHash(entry, seq, previousHash) };
    previousHash = record.hash;
    return record;
  });
}

/** The chain's rule: SHA-256, hex, of the previous hash (hex) and the canonical JSON of the entry with its seq. */
function recordHash(entry: AuditFields, seq: number, previousHash: string): string {
  const { at, actor, source, action, object, hosts, detail } = entry;
  const text = canonicalJson({ seq, at, actor, source, action, object, hosts, detail });
  return hash("sha256", previousHash + text, "hex");
}

/** An audit record is never refused for its text: sign-in attempts with any name are to be recorded too. */
function storable(entry: AuditFields): AuditFields {
  return {
    at: Math.round(entry.at),
    actor: storableText(entry.actor, 255),
    source: storableText(entry.source, 255),
    action: storableText(entry.action, 255),
    object: storableText(entry.object, 65_536),
    hosts: storableText(entry.hosts, 4_194_304),
    detail: JSON.parse(JSON.stringify(entry.detail)) as AuditFields["detail"],
  };
}

async function verify(database: Database): ReturnType<AuditRepository["verify"]> {
  let seq = 0;
  let previousHash = firstPreviousHash;
  for (;;) {
    const rows = await database.reader
      .selectFrom("audit")
      .selectAll()
      .where("seq", ">", seq)
      .orderBy("seq")
      .limit(recordsAtOnce)
      .execute();
    for (const row of rows) {
      const reason = fault(row, seq + 1, previousHash);
      if (reason !== undefined) return { ok: false, seq: row.seq, reason };
      seq = row.seq;
      previousHash = row.hash;
    }
    if (rows.length < recordsAtOnce) return { ok: true, records: seq, lastHash: previousHash };
    await database.breathe();
  }
}

function fault(row: Selectable<Tables["audit"]>, expectedSeq: number, previousHash: string): string | undefined {
  if (row.seq !== expectedSeq) return reasonText("audit_records_missing", { from: expectedSeq, to: row.seq - 1 });
  if (row.previous_hash !== previousHash) return reasonText("audit_not_following");
  try {
    const record = toRecord(row);
    if (recordHash(record, record.seq, record.previousHash) === row.hash) return undefined;
  } catch {
    return reasonText("audit_no_json");
  }
  return reasonText("audit_no_match");
}

function toRow(record: AuditRecord): Tables["audit"] {
  return {
    seq: record.seq,
    occurred_at: record.at,
    actor: record.actor,
    source: record.source,
    action: record.action,
    object: record.object,
    hosts: record.hosts,
    detail: JSON.stringify(record.detail),
    previous_hash: record.previousHash,
    hash: record.hash,
  };
}

function toRecord(row: Selectable<Tables["audit"]>): AuditRecord {
  return {
    seq: row.seq,
    at: row.occurred_at,
    actor: row.actor,
    source: row.source,
    action: row.action,
    object: row.object,
    hosts: row.hosts,
    detail: JSON.parse(row.detail) as AuditRecord["detail"],
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}

function unavailable(error: unknown): OmError {
  if (error instanceof OmError && error.code === "audit.unavailable") return error;
  const why = error instanceof Error ? error.message : String(error);
  return new OmError("audit.unavailable", reasonText("audit_unwritten", { why }), {
    cause: error,
  });
}
