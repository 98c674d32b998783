import type { Selectable } from "kysely";
import type { CredentialKind } from "../../contract/credential.ts";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { insertForId, insertRows } from "./bulk.ts";
import { checkText } from "./check-text.ts";
import type { Database } from "./database.ts";
import { nextVersion } from "./inventory-rows.ts";
import type { CredentialRepository, StoredCredential } from "./repositories/credentials.ts";
import { notFound } from "./store-errors.ts";
import type { Tables } from "./tables.ts";

export function createCredentials(database: Database): CredentialRepository {
  return {
    async list() {
      const rows = await database.reader.selectFrom("credential").selectAll().orderBy("name").execute();
      const held = await database.reader
        .selectFrom("credential_controller")
        .select(["credential_id", "controller"])
        .orderBy("controller")
        .execute();
      const byCredential = Map.groupBy(held, ({ credential_id }) => credential_id);
      return rows.map((row) =>
        toCredential(
          row,
          (byCredential.get(row.id) ?? []).map(({ controller }) => controller),
        ),
      );
    },

    async put({ name, kind, user, description, updatedBy, zones, heldBy }) {
      checkText(name, reasonText("what_credential_name"), 255);
      checkText(user, reasonText("what_credential_user"), 255);
      checkText(description, reasonText("what_credential_description"), 65_536);
      const now = database.clock();
      const kept = JSON.stringify(zones);
      checkText(kept, reasonText("what_credential_zones"), 4000);
      const row = { name, kind, login_user: user, description, updated_at: now, updated_by: updatedBy, zones: kept };
      const holders = [...new Set(heldBy)].sort();
      return await database.transaction(async (transaction) => {
        // Takes turns with deletes, and with two that put the same name at once.
        await nextVersion(transaction);
        const old = await transaction.selectFrom("credential").select("id").where("name", "=", name).executeTakeFirst();
        const id = old?.id ?? (await insertForId(database, transaction, "credential", row));
        if (old !== undefined) await transaction.updateTable("credential").set(row).where("id", "=", id).execute();
        await transaction.deleteFrom("credential_controller").where("credential_id", "=", id).execute();
        const held = holders.map((controller) => ({ credential_id: id, controller, put_at: now }));
        await insertRows(database, transaction, "credential_controller", heldColumns, held);
        return toCredential({ ...row, id }, holders);
      });
    },

    async delete(id) {
      await database.transaction(async (transaction) => {
        // Held until the commit: no host can be given the credential meanwhile.
        await nextVersion(transaction);
        const found = await transaction.selectFrom("credential").select("name").where("id", "=", id).executeTakeFirst();
        if (found === undefined) throw notFound(`Credential ${id}`);
        const host = await transaction
          .selectFrom("host")
          .select("name")
          .where("credential", "=", found.name)
          .limit(1)
          .executeTakeFirst();
        if (host !== undefined) {
          throw new OmError(
            "inventory.in_use",
            reasonText("credential_of_host", { name: found.name, host: host.name }),
          );
        }
        await transaction.deleteFrom("credential").where("id", "=", id).execute();
      });
    },
  };
}

const heldColumns = ["credential_id", "controller", "put_at"] as const;

function toCredential(row: Selectable<Tables["credential"]>, heldBy: readonly string[]): StoredCredential {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind as CredentialKind,
    user: row.login_user,
    description: row.description,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
    zones: JSON.parse(row.zones) as string[],
    heldBy,
  };
}
