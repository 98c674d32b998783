import { reasonText } from "../../contract/reasons.ts";
import { insertForId } from "./bulk.ts";
import { checkText } from "./check-text.ts";
import type { Database } from "./database.ts";
import type { UserRepository } from "./repositories/users.ts";
import { isForeignKeyViolation, notFound } from "./store-errors.ts";
import { toToken, toUser } from "./user-rows.ts";

type TokenMethods = Pick<
  UserRepository,
  "addToken" | "useToken" | "redeemToken" | "tokens" | "deleteToken" | "deleteExpiredTokens"
>;

const noteUseEveryMilliseconds = 60_000;

export function createTokens(database: Database): TokenMethods {
  const { reader, writer } = database;
  return {
    async addToken({ kind, userId, name, sha256, expiresAt }) {
      checkText(name, reasonText("what_token_name"), 255);
      const now = database.clock();
      const row = {
        kind,
        user_id: userId ?? null,
        name,
        sha256,
        created_at: now,
        expires_at: expiresAt ?? null,
        last_used_at: null,
      };
      try {
        return await database.transaction(async (transaction) => {
          const id = await insertForId(database, transaction, "token", row);
          if (kind === "session" && userId !== undefined) {
            await transaction.updateTable("app_user").set({ last_sign_in_at: now }).where("id", "=", userId).execute();
          }
          return toToken({ ...row, id });
        });
      } catch (error) {
        if (isForeignKeyViolation(error)) throw notFound(`User ${userId}`);
        throw error;
      }
    },

    async useToken(sha256, kinds, now, idleMilliseconds) {
      if (kinds.length === 0) return undefined;
      const row = await reader
        .selectFrom("token")
        .selectAll()
        .where("sha256", "=", sha256)
        .where("kind", "in", kinds)
        .executeTakeFirst();
      if (row === undefined || isExpired(row, now)) return undefined;
      const lastUse = row.last_used_at ?? row.created_at;
      if (idleMilliseconds !== undefined && now - lastUse > idleMilliseconds) return undefined;
      const userRow =
        row.user_id === null
          ? undefined
          : await reader.selectFrom("app_user").selectAll().where("id", "=", row.user_id).executeTakeFirst();
      if (row.user_id !== null && userRow?.enabled !== 1) return undefined;
      if (row.last_used_at === null || now - row.last_used_at >= noteUseEveryMilliseconds) {
        await writer.updateTable("token").set({ last_used_at: now }).where("id", "=", row.id).execute();
        row.last_used_at = now;
      }
      return { token: toToken(row), ...(userRow === undefined ? {} : { user: toUser(userRow) }) };
    },

    async redeemToken(sha256, kinds, now) {
      if (kinds.length === 0) return undefined;
      return await database.transaction(async (transaction) => {
        const row = await transaction
          .selectFrom("token")
          .selectAll()
          .where("sha256", "=", sha256)
          .where("kind", "in", kinds)
          .executeTakeFirst();
        if (row === undefined) return undefined;
        const deleted = await transaction.deleteFrom("token").where("id", "=", row.id).executeTakeFirst();
        if (deleted.numDeletedRows !== 1n || isExpired(row, now)) return undefined;
        if (row.user_id !== null) {
          const user = await transaction
            .selectFrom("app_user")
            .select("enabled")
            .where("id", "=", row.user_id)
            .executeTakeFirst();
          if (user?.enabled !== 1) return undefined;
        }
        return toToken(row);
      });
    },

    async tokens({ kind, userId }) {
      let query = reader.selectFrom("token").selectAll().where("kind", "=", kind).orderBy("id");
      if (userId !== undefined) query = query.where("user_id", "=", userId);
      return (await query.execute()).map(toToken);
    },

    async deleteToken(id) {
      await writer.deleteFrom("token").where("id", "=", id).execute();
    },

    async deleteExpiredTokens(now) {
      await writer.deleteFrom("token").where("expires_at", "<=", now).execute();
    },
  };
}

function isExpired(row: { readonly expires_at: number | null }, now: number): boolean {
  return row.expires_at !== null && row.expires_at <= now;
}
