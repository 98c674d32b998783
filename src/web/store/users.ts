import type { Transaction } from "kysely";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { insertForId } from "./bulk.ts";
import { checkText } from "./check-text.ts";
import type { Database } from "./database.ts";
import { explainingKeys } from "./inventory-rows.ts";
import type { User, UserRepository } from "./repositories/users.ts";
import { notFound } from "./store-errors.ts";
import type { Tables } from "./tables.ts";
import { createTokens } from "./tokens.ts";
import { toUser } from "./user-rows.ts";

export function createUsers(database: Database): UserRepository {
  const { reader } = database;
  return {
    ...createTokens(database),

    async count() {
      const row = await reader
        .selectFrom("app_user")
        .select((build) => build.fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },

    async list() {
      return (await reader.selectFrom("app_user").selectAll().orderBy("id").execute()).map(toUser);
    },

    async get(id) {
      const row = await reader.selectFrom("app_user").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : toUser(row);
    },

    async findByName(name) {
      const row = await reader
        .selectFrom("app_user")
        .selectAll()
        .where("folded_name", "=", foldName(name))
        .executeTakeFirst();
      return row === undefined ? undefined : { user: toUser(row), passwordHash: row.password_hash };
    },

    async create({ name, role, scope, passwordHash }) {
      checkText(name, reasonText("what_user_name"), 255);
      if (name === "") throw new OmError("inventory.invalid", reasonText("user_needs_name"));
      const row = {
        name,
        folded_name: foldName(name),
        role,
        ...scopeColumns(scope),
        enabled: 1,
        password_hash: passwordHash,
        created_at: database.clock(),
        last_sign_in_at: null,
      };
      return await explainingKeys(
        () =>
          database.transaction(async (transaction) =>
            toUser({ ...row, id: await insertForId(database, transaction, "app_user", row) }),
          ),
        { taken: reasonText("thing_user_name", { name }) },
      );
    },

    change(id, { role, scope, enabled, passwordHash }) {
      return database.transaction(async (transaction) => {
        const administrators = await lockAdministrators(database, transaction);
        const row = await transaction.selectFrom("app_user").selectAll().where("id", "=", id).executeTakeFirst();
        if (row === undefined) throw notFound(`User ${id}`);
        const isLoss = (role !== undefined && role !== "administrator") || enabled === false;
        if (isLoss) refuseLastAdministrator(administrators, row);
        const changed = {
          role: role ?? row.role,
          ...(scope === undefined ? {} : scopeColumns(scope)),
          enabled: enabled === undefined ? row.enabled : Number(enabled),
          password_hash: passwordHash ?? row.password_hash,
        };
        await transaction.updateTable("app_user").set(changed).where("id", "=", id).execute();
        if (enabled === false || passwordHash !== undefined) await endSessions(transaction, id);
        return toUser({ ...row, ...changed });
      });
    },

    async delete(id) {
      await database.transaction(async (transaction) => {
        const administrators = await lockAdministrators(database, transaction);
        const row = await transaction.selectFrom("app_user").selectAll().where("id", "=", id).executeTakeFirst();
        if (row === undefined) throw notFound(`User ${id}`);
        refuseLastAdministrator(administrators, row);
        await transaction.deleteFrom("app_user").where("id", "=", id).execute();
      });
    },
  };
}

/** Held until the commit, so that of two who take away each other's role one is refused. */
async function lockAdministrators(database: Database, transaction: Transaction<Tables>): Promise<ReadonlySet<number>> {
  const rows = await transaction
    .selectFrom("app_user")
    .select(["id", "enabled"])
    .where("role", "=", "administrator")
    .orderBy("id")
    .$if(database.kind !== "sqlite", (query) => query.forUpdate())
    .execute();
  return new Set(rows.filter((row) => row.enabled === 1).map((row) => row.id));
}

function refuseLastAdministrator(administrators: ReadonlySet<number>, user: { id: number; name: string }): void {
  if (!administrators.has(user.id) || administrators.size > 1) return;
  throw new OmError("inventory.in_use", reasonText("last_administrator", { user: user.name }));
}

/** A link that signs in is as good as a session. API tokens stay: a disabled user's are refused when used. */
async function endSessions(transaction: Transaction<Tables>, userId: number): Promise<void> {
  await transaction
    .deleteFrom("token")
    .where("user_id", "=", userId)
    .where("kind", "in", ["session", "sign_in_link"])
    .execute();
}

/** Names are told apart without regard to case, alike on all databases. */
function foldName(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

function scopeColumns(scope: User["scope"]) {
  return {
    scope_everything: scope.everything ? 1 : 0,
    scope_function_categories: JSON.stringify(scope.functionCategories),
    scope_app_categories: JSON.stringify(scope.appCategories),
  };
}
