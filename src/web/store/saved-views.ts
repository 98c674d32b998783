import { reasonText } from "../../contract/reasons.ts";
import { insertForId } from "./bulk.ts";
import { checkText } from "./check-text.ts";
import type { Database } from "./database.ts";
import type { SavedView, SavedViewRepository } from "./repositories/saved-views.ts";
import { notFound } from "./store-errors.ts";

export function createSavedViews(database: Database): SavedViewRepository {
  const { reader, writer } = database;
  return {
    async list(userId, scene) {
      const query = reader
        .selectFrom("saved_view")
        .select(["id", "scene", "name", "search"])
        .where("user_id", "=", userId)
        .where("scene", "=", scene)
        .orderBy("name");
      return (await query.execute()).map(toSavedView);
    },

    async put(userId, { scene, name, search }) {
      checkText(name, reasonText("what_view_name"), 64);
      const content = { search: JSON.stringify(search), saved_at: database.clock() };
      return await database.transaction(async (transaction) => {
        const known = await transaction
          .selectFrom("saved_view")
          .select("id")
          .where("user_id", "=", userId)
          .where("scene", "=", scene)
          .where("name", "=", name)
          .executeTakeFirst();
        if (known === undefined) {
          const row = { user_id: userId, scene, name, ...content };
          const id = await insertForId(database, transaction, "saved_view", row);
          return { id, scene, name, search };
        }
        await transaction.updateTable("saved_view").set(content).where("id", "=", known.id).execute();
        return { id: known.id, scene, name, search };
      });
    },

    async delete(userId, id) {
      const deleted = await writer
        .deleteFrom("saved_view")
        .where("id", "=", id)
        .where("user_id", "=", userId)
        .executeTakeFirst();
      if (deleted.numDeletedRows === 0n) throw notFound(`View ${id}`);
    },
  };
}

function toSavedView(row: { id: number; scene: string; name: string; search: string }): SavedView {
  return { ...row, search: JSON.parse(row.search) as SavedView["search"] };
}
