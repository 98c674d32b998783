import { hash } from "node:crypto";
import type { Selectable, Transaction } from "kysely";
import { canonicalJson } from "../../contract/canonical-json.ts";
import { OmError } from "../../contract/errors.ts";
import type { ModuleManifest } from "../../contract/module.ts";
import { reasonText } from "../../contract/reasons.ts";
import { checkText } from "./check-text.ts";
import type { Database, Queries } from "./database.ts";
import { explainingKeys } from "./inventory-rows.ts";
import type { ModuleRepository, StoredModule } from "./repositories/modules.ts";
import { isUniqueViolation, notFound } from "./store-errors.ts";
import type { Tables } from "./tables.ts";

const firstOwnId = 2001;
const attempts = 10;
const builtInAuthor = "omserver";

export function createModules(database: Database): ModuleRepository {
  const { reader } = database;
  return {
    async list() {
      return (await newestVersions(reader).orderBy("module.id").execute()).map(toStoredModule);
    },

    async get(id) {
      const row = await newestVersions(reader).where("module.id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : toStoredModule(row);
    },

    async getVersion(id, version) {
      const row = await allVersions(reader)
        .where("module.id", "=", id)
        .where("module_version.version", "=", version)
        .executeTakeFirst();
      return row === undefined ? undefined : toStoredModule(row);
    },

    async versions(id) {
      const query = allVersions(reader).where("module.id", "=", id).orderBy("module_version.version", "desc");
      return (await query.execute()).map(toStoredModule);
    },

    async create(manifest, by) {
      checkText(manifest.key, reasonText("what_module_key"), 255, "module.invalid");
      return await retriedOnDuplicate(async () => {
        await refuseTakenKey(database.writer, manifest.key, undefined);
        return await database.transaction(async (transaction) => {
          const id = await insertOwnModule(transaction, manifest, by, database.clock());
          return await readNewest(transaction, id);
        });
      });
    },

    addVersion(id, manifest, expectedVersion, by) {
      checkText(manifest.key, reasonText("what_module_key"), 255, "module.invalid");
      return explainingKeys(
        () =>
          database.transaction((transaction) =>
            addModuleVersion(database, transaction, { id, manifest, expectedVersion, by }),
          ),
        { taken: reasonText("thing_module_key", { key: manifest.key }) },
      );
    },

    async setEnabled(id, enabled) {
      await database.transaction(async (transaction) => {
        await lockModule(database, transaction, id);
        await transaction
          .updateTable("module")
          .set({ enabled: Number(enabled) })
          .where("id", "=", id)
          .execute();
      });
    },

    async syncBuiltIn(manifests) {
      for (const manifest of manifests) await retriedOnDuplicate(() => syncOne(database, manifest));
    },
  };
}

/** A module of somebody's own, with the next free number, which it returns. A taken key breaks the transaction. */
export async function insertOwnModule(
  transaction: Transaction<Tables>,
  manifest: Omit<ModuleManifest, "id">,
  by: string,
  at: number,
): Promise<number> {
  const { highest } = await transaction
    .selectFrom("module")
    .select((build) => build.fn.max("id").as("highest"))
    .executeTakeFirstOrThrow();
  const id = Math.max(firstOwnId, Number(highest ?? 0) + 1);
  await insertModule(transaction, { ...manifest, id }, false, by, at);
  return id;
}

/** See `ModuleRepository.addVersion`. */
export async function addModuleVersion(
  database: Database,
  transaction: Transaction<Tables>,
  change: {
    readonly id: number;
    readonly manifest: ModuleManifest;
    readonly expectedVersion: number;
    readonly by: string;
  },
): Promise<StoredModule> {
  const { id, expectedVersion, by } = change;
  const stored = await lockModule(database, transaction, id);
  const whole = { ...change.manifest, id };
  if (stored.sha256 === moduleHash(whole)) return stored;
  if (stored.version !== expectedVersion) {
    throw new OmError(
      "store.conflict",
      reasonText("module_newer", { module: stored.key, version: stored.version, expected: expectedVersion }),
    );
  }
  await insertVersion(transaction, whole, stored.version + 1, by, database.clock());
  return await readNewest(transaction, id);
}

/**
 * A version is added when what comes with the program has changed since it last came; an administrator's own version
 * stays the newest until then.
 */
async function syncOne(database: Database, manifest: ModuleManifest): Promise<void> {
  const sha256 = moduleHash(manifest);
  const known = await database.writer
    .selectFrom("module")
    .select("built_in_sha256")
    .where("id", "=", manifest.id)
    .executeTakeFirst();
  if (known?.built_in_sha256 === sha256) return;
  await refuseTakenKey(database.writer, manifest.key, manifest.id);
  await database.transaction(async (transaction) => {
    if (known === undefined) {
      await insertModule(transaction, manifest, true, builtInAuthor, database.clock());
      return;
    }
    const stored = await lockModule(database, transaction, manifest.id);
    const row = await transaction
      .selectFrom("module")
      .select("built_in_sha256")
      .where("id", "=", manifest.id)
      .executeTakeFirstOrThrow();
    if (row.built_in_sha256 === sha256) return;
    if (stored.sha256 !== sha256) {
      await insertVersion(transaction, manifest, stored.version + 1, builtInAuthor, database.clock());
    }
    await transaction
      .updateTable("module")
      .set({ built_in: 1, built_in_sha256: sha256 })
      .where("id", "=", manifest.id)
      .execute();
  });
}

/** Two that make a module at once may take the same id: the second tries again with the next. */
async function retriedOnDuplicate<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isUniqueViolation(error) || attempt >= attempts) throw error;
    }
  }
}

async function refuseTakenKey(queries: Queries, key: string, ownId: number | undefined): Promise<void> {
  const row = await queries.selectFrom("module").select("id").where("module_key", "=", key).executeTakeFirst();
  if (row === undefined || row.id === ownId) return;
  throw new OmError("inventory.duplicate", reasonText("module_key_taken", { key, id: row.id }));
}

async function lockModule(database: Database, transaction: Transaction<Tables>, id: number): Promise<StoredModule> {
  const row = await transaction
    .selectFrom("module")
    .select("id")
    .where("id", "=", id)
    .$if(database.kind !== "sqlite", (query) => query.forUpdate())
    .executeTakeFirst();
  if (row === undefined) throw notFound(`Module ${id}`);
  return await readNewest(transaction, id);
}

async function readNewest(queries: Queries, id: number): Promise<StoredModule> {
  return toStoredModule(await newestVersions(queries).where("module.id", "=", id).executeTakeFirstOrThrow());
}

async function insertModule(
  transaction: Transaction<Tables>,
  manifest: ModuleManifest,
  builtIn: boolean,
  by: string,
  at: number,
): Promise<void> {
  await transaction
    .insertInto("module")
    .values({
      id: manifest.id,
      module_key: manifest.key,
      newest_version: 1,
      built_in: builtIn ? 1 : 0,
      built_in_sha256: builtIn ? moduleHash(manifest) : null,
      enabled: 1,
    })
    .execute();
  await insertVersion(transaction, manifest, 1, by, at);
}

async function insertVersion(
  transaction: Transaction<Tables>,
  manifest: ModuleManifest,
  version: number,
  by: string,
  at: number,
): Promise<void> {
  await transaction
    .insertInto("module_version")
    .values({
      module_id: manifest.id,
      version,
      name: manifest.name.zh,
      description: manifest.description.zh,
      parameters: JSON.stringify(manifest.parameters),
      manifest: JSON.stringify(manifest),
      sha256: moduleHash(manifest),
      updated_at: at,
      updated_by: by,
    })
    .execute();
  await transaction
    .updateTable("module")
    .set({ newest_version: version, module_key: manifest.key })
    .where("id", "=", manifest.id)
    .execute();
}

function moduleHash(manifest: ModuleManifest): string {
  return hash("sha256", canonicalJson(manifest), "hex");
}

function allVersions(queries: Queries) {
  return queries
    .selectFrom("module")
    .innerJoin("module_version", "module_version.module_id", "module.id")
    .selectAll("module_version")
    .select(["module.id", "module.built_in", "module.enabled"]);
}

function newestVersions(queries: Queries) {
  return allVersions(queries).whereRef("module_version.version", "=", "module.newest_version");
}

function toStoredModule(
  row: Selectable<Tables["module_version"]> & { id: number; built_in: number; enabled: number },
): StoredModule {
  const manifest = JSON.parse(row.manifest) as ModuleManifest;
  return {
    id: row.id,
    key: manifest.key,
    version: row.version,
    manifest,
    sha256: row.sha256,
    builtIn: row.built_in === 1,
    enabled: row.enabled === 1,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
  };
}
