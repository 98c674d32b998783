import { insertRows } from "./bulk.ts";
import { checkText } from "./check-text.ts";
import type { Database } from "./database.ts";
import type { SettingsRepository } from "./repositories/settings.ts";

export function createSettings(database: Database): SettingsRepository {
  return {
    async get(key) {
      const row = await database.reader
        .selectFrom("setting")
        .select("content")
        .where("setting_key", "=", key)
        .executeTakeFirst();
      return row === undefined ? undefined : (JSON.parse(row.content) as unknown);
    },

    /** Last one wins. Undefined takes the setting out. */
    async set(key, value) {
      checkText(key, "Setting", 255, "request.invalid");
      if (value === undefined) {
        await database.writer.deleteFrom("setting").where("setting_key", "=", key).execute();
        return;
      }
      const row = { setting_key: key, content: JSON.stringify(value) };
      await insertRows(database, database.writer, "setting", ["setting_key", "content"], [row], {
        key: ["setting_key"],
        update: ["content"],
      });
    },
  };
}
