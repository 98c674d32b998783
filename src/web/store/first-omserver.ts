import type { Insertable, Transaction } from "kysely";
import { reasonText } from "../../contract/reasons.ts";
import { insertRows, slices } from "./bulk.ts";
import { storableText } from "./check-text.ts";
import type { Database } from "./database.ts";
import { checkImport, ensureCategories, importInto } from "./inventory-import.ts";
import { explainingKeys, nextVersion } from "./inventory-rows.ts";
import { addModuleVersion, insertOwnModule } from "./modules.ts";
import type { FirstOmserverImport, FirstOmserverRepository } from "./repositories/first-omserver.ts";
import type { Tables } from "./tables.ts";

const commandColumns = [
  "host_id",
  "host_name",
  "address",
  "login_user",
  "typed_at",
  "received_at",
  "command",
  "source",
  "source_key",
] as const satisfies readonly (keyof Tables["shell_command"])[];

export function createFirstOmserver(database: Database): FirstOmserverRepository {
  return {
    async knownCommands(identities) {
      return await knownKeys(database, database.reader, identities);
    },
    async apply(content, by) {
      await checkImport(database, content.hosts);
      await explainingKeys(() => database.transaction((transaction) => applyIn(database, transaction, content, by)), {
        taken: reasonText("what_dump_name"),
      });
    },
  };
}

async function applyIn(
  database: Database,
  transaction: Transaction<Tables>,
  content: FirstOmserverImport,
  by: string,
): Promise<void> {
  if (content.functionCategories.length + content.appCategories.length > 0) {
    await nextVersion(transaction);
    await ensureCategories(database, transaction, content.appCategories, content.functionCategories);
  }
  if (content.hosts.length > 0) await importInto(database, transaction, content.hosts);
  for (const manifest of content.newModules) await insertOwnModule(transaction, manifest, by, database.clock());
  for (const { id, version, manifest } of content.changedModules) {
    await addModuleVersion(database, transaction, { id, manifest, expectedVersion: version, by });
  }
  await insertCommands(database, transaction, content.commands);
}

async function insertCommands(
  database: Database,
  transaction: Transaction<Tables>,
  commands: FirstOmserverImport["commands"],
): Promise<void> {
  const ids = new Map<string, number>();
  for (const names of slices([...new Set(commands.map((command) => command.hostName))])) {
    const rows = await transaction.selectFrom("host").select(["id", "name"]).where("name", "in", names).execute();
    for (const { id, name } of rows) ids.set(name, id);
  }
  const known = await knownKeys(
    database,
    transaction,
    commands.map((command) => command.identity),
  );
  const rows: Insertable<Tables["shell_command"]>[] = commands
    .filter((command) => !known.has(command.identity))
    .map((command) => ({
      host_id: ids.get(command.hostName) ?? null,
      host_name: storableText(command.hostName, 255),
      address: storableText(command.address, 255),
      login_user: storableText(command.loginUser, 255),
      typed_at: command.typedAt,
      received_at: command.receivedAt,
      command: storableText(command.command, 65_536),
      source: "omserver-v1",
      source_key: keyOf(command.identity),
    }));
  await insertRows(database, transaction, "shell_command", commandColumns, rows);
}

const keyPrefix = "omserver-v1:";

function keyOf(identity: string): string {
  return `${keyPrefix}${identity}`;
}

async function knownKeys(
  database: Database,
  queries: Database["reader"],
  identities: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const some of slices(identities)) {
    const query = queries.selectFrom("shell_command").select("source_key").where("source_key", "in", some.map(keyOf));
    for (const { source_key: key } of await query.execute()) found.add(key?.slice(keyPrefix.length) ?? "");
    await database.breathe();
  }
  return found;
}
