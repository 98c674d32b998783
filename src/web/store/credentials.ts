import type { Selectable } from "kysely";
import type { CredentialKind } from "../../contract/credential.ts";
import { OmError } from "../../contract/errors.ts";
import { insertForId } from "./bulk.ts";
import { checkText } from "./check-text.ts";
import type { Database } from "./database.ts";
import { nextVersion } from "./inventory-rows.ts";
import type { CredentialRepository, StoredCredential } from "./store.ts";
import { notFound } from "./store-errors.ts";
import type { Tables } from "./tables.ts";

export function createCredentials(database: Database): CredentialRepository {
  return {
    async list() {
      const query = database.reader.selectFrom("credential").selectAll().orderBy("name");
      return (await query.execute()).map(toCredential);
    },

    async put({ name, kind, user, description, updatedBy }) {
      checkText(name, "Credential name", 255);
      checkText(user, "Credential user", 255);
      checkText(description, "Credential description", 65_536);
      const row = { name, kind, login_user: user, description, updated_at: database.clock(), updated_by: updatedBy };
      return await database.transaction(async (transaction) => {
        // Takes turns with deletes, and with two that put the same name at once.
        await nextVersion(transaction);
        const old = await transaction.selectFrom("credential").select("id").where("name", "=", name).executeTakeFirst();
        if (old === undefined) {
          return toCredential({ ...row, id: await insertForId(database, transaction, "credential", row) });
        }
        await transaction.updateTable("credential").set(row).where("id", "=", old.id).execute();
        return toCredential({ ...row, id: old.id });
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
            `Credential “${found.name}” is named by host “${host.name}”. Give its hosts another one first`,
          );
        }
        await transaction.deleteFrom("credential").where("id", "=", id).execute();
      });
    },
  };
}

function toCredential(row: Selectable<Tables["credential"]>): StoredCredential {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind as CredentialKind,
    user: row.login_user,
    description: row.description,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
  };
}
