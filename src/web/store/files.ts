import type { Selectable } from "kysely";
import { reasonText } from "../../contract/reasons.ts";
import { insertForId } from "./bulk.ts";
import { checkText } from "./check-text.ts";
import type { Database } from "./database.ts";
import { explainingKeys } from "./inventory-rows.ts";
import type { FileRepository, LibraryFile } from "./repositories/library.ts";
import { notFound } from "./store-errors.ts";
import type { Tables } from "./tables.ts";

export function createFiles(database: Database): FileRepository {
  const { reader, writer } = database;
  return {
    async list() {
      const query = reader.selectFrom("library_file").selectAll().where("current_name", "is not", null).orderBy("name");
      return (await query.execute()).map(toLibraryFile);
    },

    async add({ name, sha256, bytes, uploadedBy }) {
      checkText(name, reasonText("what_file_name"), 255);
      const row = {
        name,
        current_name: name,
        sha256,
        bytes,
        uploaded_by: uploadedBy,
        uploaded_at: database.clock(),
      };
      return await explainingKeys(
        () =>
          database.transaction(async (transaction) => {
            await transaction
              .updateTable("library_file")
              .set({ current_name: null })
              .where("current_name", "=", name)
              .execute();
            const id = await insertForId(database, transaction, "library_file", row);
            return toLibraryFile({ ...row, id });
          }),
        { taken: reasonText("thing_file_name", { name }) },
      );
    },

    async get(id) {
      const row = await reader.selectFrom("library_file").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : toLibraryFile(row);
    },

    async findByHash(sha256) {
      const row = await reader
        .selectFrom("library_file")
        .selectAll()
        .where("sha256", "=", sha256)
        .orderBy("id", "desc")
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? undefined : toLibraryFile(row);
    },

    async delete(id) {
      const deleted = await writer.deleteFrom("library_file").where("id", "=", id).executeTakeFirst();
      if (deleted.numDeletedRows === 0n) throw notFound(`File ${id}`);
    },
  };
}

function toLibraryFile(row: Selectable<Tables["library_file"]>): LibraryFile {
  return {
    id: row.id,
    name: row.name,
    sha256: row.sha256,
    bytes: row.bytes,
    uploadedBy: row.uploaded_by,
    uploadedAt: row.uploaded_at,
  };
}
