import type { Transaction } from "kysely";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { insertForId, slices } from "./bulk.ts";
import { checkText } from "./check-text.ts";
import type { Database } from "./database.ts";
import { importHosts } from "./inventory-import.ts";
import {
  checkHost,
  checkZone,
  explainingKeys,
  hostChangeRow,
  hostRow,
  nextVersion,
  tagsAfter,
} from "./inventory-rows.ts";
import { createSnapshots } from "./inventory-snapshot.ts";
import type { HostsChange, InventoryRepository } from "./repositories/inventory.ts";
import { readFacts, writeFacts } from "./run-steps.ts";
import { notFound } from "./store-errors.ts";
import type { Tables } from "./tables.ts";

export function createInventory(database: Database): InventoryRepository {
  return {
    snapshot: createSnapshots(database),

    createFunctionCategory(name, zone = "") {
      return explainingKeys(
        () =>
          database.transaction(async (transaction) => {
            checkCategoryName(name, reasonText("what_function_category"));
            checkZone(zone);
            await nextVersion(transaction);
            return { id: await insertForId(database, transaction, "function_category", { name, zone }), name, zone };
          }),
        { taken: reasonText("thing_function_name", { name }) },
      );
    },

    changeFunctionCategory(id, { name, zone }) {
      return explainingKeys(
        () =>
          database.transaction(async (transaction) => {
            if (name !== undefined) checkCategoryName(name, reasonText("what_function_category"));
            if (zone !== undefined) checkZone(zone);
            await nextVersion(transaction);
            const found = await transaction
              .selectFrom("function_category")
              .selectAll()
              .where("id", "=", id)
              .executeTakeFirst();
            if (found === undefined) throw notFound(reasonText("thing_function_category", { id }));
            await transaction
              .updateTable("function_category")
              .set({ name: name ?? found.name, zone: zone ?? found.zone })
              .where("id", "=", id)
              .execute();
          }),
        { taken: reasonText("thing_function_name", { name: name ?? id }) },
      );
    },

    deleteFunctionCategory(id) {
      const inUse = new OmError("inventory.in_use", reasonText("function_has_apps", { id }));
      return explainingKeys(
        () =>
          database.transaction(async (transaction) => {
            await nextVersion(transaction);
            const deleted = await transaction.deleteFrom("function_category").where("id", "=", id).executeTakeFirst();
            if (deleted.numDeletedRows === 0n) throw notFound(reasonText("thing_function_category", { id }));
          }),
        { taken: "", foreign: inUse },
      );
    },

    createAppCategory(functionCategoryId, name, zone = "") {
      return explainingKeys(
        () =>
          database.transaction(async (transaction) => {
            checkCategoryName(name, reasonText("what_app_category"));
            checkZone(zone);
            await nextVersion(transaction);
            const row = { function_category_id: functionCategoryId, name, zone };
            return {
              id: await insertForId(database, transaction, "app_category", row),
              functionCategoryId,
              name,
              zone,
            };
          }),
        { taken: reasonText("thing_app_name", { name }), foreign: noFunctionCategory(functionCategoryId) },
      );
    },

    changeAppCategory(id, change) {
      const named = (name: string) => reasonText("thing_app_name", { name });
      const meaning = { taken: named(change.name ?? ""), foreign: noFunctionCategory(change.functionCategoryId ?? 0) };
      return explainingKeys(
        () =>
          database.transaction(async (transaction) => {
            if (change.name !== undefined) checkCategoryName(change.name, reasonText("what_app_category"));
            if (change.zone !== undefined) checkZone(change.zone);
            await nextVersion(transaction);
            const found = await transaction
              .selectFrom("app_category")
              .selectAll()
              .where("id", "=", id)
              .executeTakeFirst();
            if (found === undefined) throw notFound(reasonText("thing_app_category", { id }));
            meaning.taken = named(change.name ?? found.name);
            await transaction
              .updateTable("app_category")
              .set({
                name: change.name ?? found.name,
                function_category_id: change.functionCategoryId ?? found.function_category_id,
                zone: change.zone ?? found.zone,
              })
              .where("id", "=", id)
              .execute();
          }),
        meaning,
      );
    },

    deleteAppCategory(id) {
      const inUse = new OmError("inventory.in_use", reasonText("app_has_hosts", { id }));
      return explainingKeys(
        () =>
          database.transaction(async (transaction) => {
            await nextVersion(transaction);
            const deleted = await transaction.deleteFrom("app_category").where("id", "=", id).executeTakeFirst();
            if (deleted.numDeletedRows === 0n) throw notFound(reasonText("thing_app_category", { id }));
          }),
        { taken: "", foreign: inUse },
      );
    },

    createHost(host) {
      return explainingKeys(
        () =>
          database.transaction(async (transaction) => {
            checkHost(host);
            const now = database.clock();
            const changedIn = await nextVersion(transaction);
            const row = { ...hostRow(host), created_at: now, updated_at: now, changed_in: changedIn };
            const id = await insertForId(database, transaction, "host", row);
            return { ...host, zone: host.zone ?? "", claim: host.claim ?? true, id, createdAt: now, updatedAt: now };
          }),
        { taken: reasonText("thing_host_name", { name: host.name }), foreign: noAppCategory(host.appCategoryId) },
      );
    },

    async changeHosts(ids, change) {
      if (ids.length === 0) return;
      await explainingKeys(
        () =>
          database.transaction(async (transaction) => {
            checkHost({ ...change, tags: [...(change.tags ?? []), ...(change.addTags ?? [])] });
            const changedIn = await nextVersion(transaction);
            const row = { ...hostChangeRow(change), updated_at: database.clock(), changed_in: changedIn };
            for (const some of slices([...new Set(ids)])) {
              let count = 0n;
              for (const { hosts, tags } of await byTagsAfter(transaction, some, change)) {
                const set = tags === undefined ? row : { ...row, tags };
                const changed = await transaction
                  .updateTable("host")
                  .set(set)
                  .where("id", "in", hosts)
                  .executeTakeFirst();
                count += changed.numUpdatedRows;
              }
              if (count !== BigInt(some.length)) throw notFound(reasonText("thing_host_changed"));
              await database.breathe();
            }
          }),
        {
          taken: reasonText("thing_host_name", { name: change.name ?? "" }),
          ...(change.appCategoryId === undefined ? {} : { foreign: noAppCategory(change.appCategoryId) }),
        },
      );
    },

    async deleteHosts(ids) {
      if (ids.length === 0) return;
      await database.transaction(async (transaction) => {
        await nextVersion(transaction);
        for (const some of slices([...new Set(ids)])) {
          const deleted = await transaction.deleteFrom("host").where("id", "in", some).executeTakeFirst();
          if (deleted.numDeletedRows !== BigInt(some.length)) throw notFound(reasonText("thing_host_deleted"));
          await database.breathe();
        }
      });
    },

    async learnFacts(facts) {
      if (facts.size === 0) return;
      const at = database.clock();
      await database.transaction(async (transaction) => {
        for (const names of slices([...facts.keys()])) {
          const hosts = await transaction
            .selectFrom("host")
            .select(["id", "name"])
            .where("name", "in", names)
            .execute();
          const known = hosts.map(({ id, name }) => ({ hostId: id, at, facts: facts.get(name) ?? {} }));
          await writeFacts(database, transaction, known);
          await database.breathe();
        }
      });
    },

    facts: (hostId) => readFacts(database.reader, hostId),

    importHosts: (hosts) => importHosts(database, hosts),
  };
}

interface SameTags {
  readonly hosts: readonly number[];
  /** As the column holds them; undefined: they stay. */
  readonly tags: string | undefined;
}

/** The hosts by what their tags become: as many statements as there are different sets of tags. */
async function byTagsAfter(
  transaction: Transaction<Tables>,
  ids: readonly number[],
  change: HostsChange,
): Promise<SameTags[]> {
  if (tagsAfter([], change) === undefined) return [{ hosts: ids, tags: undefined }];
  const rows = await transaction.selectFrom("host").select(["id", "tags"]).where("id", "in", ids).execute();
  const groups = Map.groupBy(rows, ({ tags }) => JSON.stringify(tagsAfter(JSON.parse(tags) as string[], change)));
  return [...groups].map(([tags, group]) => ({ hosts: group.map(({ id }) => id), tags }));
}

function checkCategoryName(name: string, what: string): void {
  checkText(name, `${what} name`, 255);
  if (name === "") throw new OmError("inventory.invalid", reasonText("needs_name", { what }));
}

function noFunctionCategory(id: number): OmError {
  return new OmError("inventory.invalid", reasonText("function_gone", { id }));
}

function noAppCategory(id: number): OmError {
  return new OmError("inventory.invalid", reasonText("app_gone", { id }));
}
