import type { Selectable } from "kysely";
import type { EngineId } from "../../contract/engine.ts";
import type { Database, Queries } from "./database.ts";
import type { AppCategory, Host, InventorySnapshot } from "./repositories/inventory.ts";
import type { HostTable, Tables } from "./tables.ts";

const noTags: readonly string[] = Object.freeze([]);
/** About 4 ms of SQLite. */
const hostsAtOnce = 1000;
const idsAtOnce = 10_000;

/**
 * The inventory in memory. Reading the version is all it costs while nothing changes; a change of some hosts reads those
 * hosts only. Calls at once share one load. Changes by another process are seen, since the version is in the database.
 */
export function createSnapshots(database: Database): () => Promise<InventorySnapshot> {
  let newest: InventorySnapshot = { version: 0, functionCategories: [], appCategories: [], hosts: [] };
  let loading: Promise<InventorySnapshot> | undefined;

  async function load(): Promise<InventorySnapshot> {
    newest = await database.snapshot((transaction) => loadAfter(database, transaction, newest));
    return newest;
  }

  return async () => {
    if ((await readVersion(database.reader)) === newest.version) return newest;
    // One that began before this call's version read may have seen less than this caller must see.
    while (loading !== undefined) {
      await loading.catch(() => undefined);
      if ((await readVersion(database.reader)) === newest.version) return newest;
    }
    loading = load().finally(() => {
      loading = undefined;
    });
    return await loading;
  };
}

async function readVersion(queries: Queries): Promise<number> {
  const row = await queries.selectFrom("inventory_version").select("version").executeTakeFirstOrThrow();
  return row.version;
}

async function loadAfter(database: Database, queries: Queries, before: InventorySnapshot): Promise<InventorySnapshot> {
  const version = await readVersion(queries);
  const functionCategories = await queries
    .selectFrom("function_category")
    .select(["id", "name", "zone"])
    .orderBy("id")
    .execute();
  const appCategories = await queries.selectFrom("app_category").selectAll().orderBy("id").execute();
  const changed = await readHosts(database, queries, before.version);
  const { count } = await queries
    .selectFrom("host")
    .select((build) => build.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  let hosts = before.hosts.length === 0 ? changed : merge(before.hosts, changed);
  if (hosts.length !== Number(count)) {
    const kept = await readIds(database, queries);
    hosts = hosts.filter((host) => kept.has(host.id));
  }
  return { version, functionCategories, appCategories: appCategories.map(toAppCategory), hosts };
}

async function readHosts(database: Database, queries: Queries, changedAfter: number): Promise<Host[]> {
  const hosts: Host[] = [];
  let after = 0;
  for (;;) {
    const rows = await queries
      .selectFrom("host")
      .selectAll()
      .where("id", ">", after)
      .$if(changedAfter > 0, (query) => query.where("changed_in", ">", changedAfter))
      .orderBy("id")
      .limit(hostsAtOnce)
      .execute();
    for (const row of rows) hosts.push(toHost(row));
    const last = rows.at(-1);
    if (last === undefined || rows.length < hostsAtOnce) return hosts;
    after = last.id;
    await database.breathe();
  }
}

async function readIds(database: Database, queries: Queries): Promise<Set<number>> {
  const ids = new Set<number>();
  for (let after = 0; ; ) {
    const rows = await queries
      .selectFrom("host")
      .select("id")
      .where("id", ">", after)
      .orderBy("id")
      .limit(idsAtOnce)
      .execute();
    for (const row of rows) ids.add(row.id);
    const last = rows.at(-1);
    if (last === undefined || rows.length < idsAtOnce) return ids;
    after = last.id;
    await database.breathe();
  }
}

/** Both sorted by id; of two with the same id the changed one. */
function merge(before: readonly Host[], changed: readonly Host[]): readonly Host[] {
  if (changed.length === 0) return before;
  const fresh = new Map(changed.map((host) => [host.id, host]));
  const merged: Host[] = [];
  for (const host of before) {
    merged.push(fresh.get(host.id) ?? host);
    fresh.delete(host.id);
  }
  for (const host of fresh.values()) merged.push(host);
  return merged.sort((left, right) => left.id - right.id);
}

export function toAppCategory(row: Selectable<Tables["app_category"]>): AppCategory {
  return { id: row.id, functionCategoryId: row.function_category_id, name: row.name, zone: row.zone };
}

export function toHost(row: Selectable<HostTable>): Host {
  return {
    id: row.id,
    name: row.name,
    appCategoryId: row.app_category_id,
    outerAddress: row.outer_address,
    innerAddress: row.inner_address,
    port: row.port,
    os: row.os,
    engines: enginesOf(row.engine),
    user: row.login_user,
    credential: row.credential,
    proxyJump: row.proxy_jump,
    tags: row.tags === "[]" ? noTags : (JSON.parse(row.tags) as string[]),
    enabled: row.enabled === 1,
    note: row.note,
    zone: row.zone,
    claim: row.claim === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** A fleet has few different lists of engines: hosts share them. */
const engineLists = new Map<string, readonly EngineId[]>();

function enginesOf(text: string): readonly EngineId[] {
  let list = engineLists.get(text);
  if (list === undefined) {
    list = Object.freeze(text.split(",") as EngineId[]);
    engineLists.set(text, list);
  }
  return list;
}
