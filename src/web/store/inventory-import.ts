import type { Insertable, Selectable, Transaction } from "kysely";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { insertRows, slices } from "./bulk.ts";
import { checkText } from "./check-text.ts";
import type { Database } from "./database.ts";
import { checkHost, explainingKeys, hostColumns, hostRow, nextVersion } from "./inventory-rows.ts";
import type { ImportedHost } from "./repositories/inventory.ts";
import type { HostTable, Tables } from "./tables.ts";

/** About 2 ms. */
const checkedAtOnce = 2000;

/** See `InventoryRepository.importHosts`. A host that is there already in just this form is left alone and not counted. */
export async function importHosts(
  database: Database,
  imported: readonly ImportedHost[],
): Promise<{ added: number; changed: number }> {
  await checkImport(database, imported);
  return await explainingKeys(
    () => database.transaction((transaction) => importInto(database, transaction, imported)),
    { taken: reasonText("what_import_name") },
  );
}

export async function checkImport(database: Database, imported: readonly ImportedHost[]): Promise<void> {
  const names = new Set<string>();
  let checked = 0;
  for (const host of imported) {
    checked += 1;
    if (checked % checkedAtOnce === 0) await database.breathe();
    checkHost(host);
    for (const name of [host.functionCategory, host.appCategory]) {
      checkText(name, reasonText("what_category_name"), 255);
      if (name === "") throw new OmError("inventory.invalid", reasonText("import_no_category", { host: host.name }));
    }
    if (names.has(host.name)) {
      throw new OmError("inventory.duplicate", reasonText("import_twice", { host: host.name }));
    }
    names.add(host.name);
  }
}

export async function importInto(
  database: Database,
  transaction: Transaction<Tables>,
  imported: readonly ImportedHost[],
): Promise<{ added: number; changed: number }> {
  const changedIn = await nextVersion(transaction);
  const now = database.clock();
  const appCategoryIds = await ensureCategories(database, transaction, imported);
  const added: Insertable<HostTable>[] = [];
  const changed: Insertable<HostTable>[] = [];
  for (const some of slices(imported, 1000)) {
    const known = await readKnown(transaction, some);
    for (const host of some) {
      const appCategoryId = appCategoryIds.get(pathKey(host.functionCategory, host.appCategory)) ?? 0;
      const row = hostRow({ ...host, appCategoryId });
      const old = known.get(host.name);
      if (old === undefined) added.push({ ...row, created_at: now, updated_at: now, changed_in: changedIn });
      else if (isDifferent(old, row)) {
        changed.push({ ...row, id: old.id, created_at: old.created_at, updated_at: now, changed_in: changedIn });
      }
    }
    await database.breathe();
  }
  await insertRows(database, transaction, "host", hostColumns, added);
  await insertRows(database, transaction, "host", ["id", ...hostColumns], changed, {
    key: ["id"],
    update: hostColumns.filter((column) => column !== "name" && column !== "created_at"),
  });
  return { added: added.length, changed: changed.length };
}

async function readKnown(
  transaction: Transaction<Tables>,
  hosts: readonly ImportedHost[],
): Promise<Map<string, Selectable<HostTable>>> {
  const names = hosts.map((host) => host.name);
  const rows = await transaction.selectFrom("host").selectAll().where("name", "in", names).execute();
  return new Map(rows.map((row) => [row.name, row]));
}

function isDifferent(old: Selectable<HostTable>, fresh: Partial<Record<keyof HostTable, unknown>>): boolean {
  return Object.entries(fresh).some(([column, value]) => old[column as keyof HostTable] !== value);
}

/**
 * Makes the categories that are missing, `functionCategories` among them, which may have none below; ids of the app
 * categories by path.
 */
export async function ensureCategories(
  database: Database,
  transaction: Transaction<Tables>,
  imported: readonly Pick<ImportedHost, "functionCategory" | "appCategory">[],
  functionCategories: readonly string[] = [],
): Promise<Map<string, number>> {
  const functionNames = new Set([...imported.map((host) => host.functionCategory), ...functionCategories]);
  let functions = new Map(
    (await transaction.selectFrom("function_category").selectAll().execute()).map((row) => [row.name, row.id]),
  );
  const missing = [...functionNames].filter((name) => !functions.has(name)).map((name) => ({ name }));
  if (missing.length > 0) {
    await insertRows(database, transaction, "function_category", ["name"], missing);
    functions = new Map(
      (await transaction.selectFrom("function_category").selectAll().execute()).map((row) => [row.name, row.id]),
    );
  }
  const wanted = new Map<string, { function_category_id: number; name: string }>();
  for (const host of imported) {
    const functionCategoryId = functions.get(host.functionCategory) ?? 0;
    wanted.set(pathKey(host.functionCategory, host.appCategory), {
      function_category_id: functionCategoryId,
      name: host.appCategory,
    });
  }
  const known = await readAppCategories(transaction);
  const missingApps = [...wanted.values()].filter((app) => !known.has(appKey(app)));
  if (missingApps.length > 0) {
    await insertRows(database, transaction, "app_category", ["function_category_id", "name"], missingApps);
  }
  const all = missingApps.length > 0 ? await readAppCategories(transaction) : known;
  return new Map([...wanted].map(([path, app]) => [path, all.get(appKey(app)) ?? 0]));
}

async function readAppCategories(transaction: Transaction<Tables>): Promise<Map<string, number>> {
  const rows = await transaction.selectFrom("app_category").selectAll().execute();
  return new Map(rows.map((row) => [appKey(row), row.id]));
}

function appKey(app: { function_category_id: number; name: string }): string {
  return `${app.function_category_id}/${app.name}`;
}

function pathKey(functionCategory: string, appCategory: string): string {
  return JSON.stringify([functionCategory, appCategory]);
}
