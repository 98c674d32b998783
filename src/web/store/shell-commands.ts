import { type Selectable, type SelectQueryBuilder, sql } from "kysely";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { insertRows, slices } from "./bulk.ts";
import { storableText } from "./check-text.ts";
import type { Database } from "./database.ts";
import type {
  ShellCommand,
  ShellCommandFilter,
  ShellCommandRepository,
  ShellCommandSource,
} from "./repositories/shell-commands.ts";
import { notFound } from "./store-errors.ts";
import type { Tables } from "./tables.ts";

const columns = [
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

const hourMilliseconds = 3_600_000;
const noteMilliseconds = 60_000;

export function createShellCommands(database: Database): ShellCommandRepository {
  const { reader } = database;
  const commands = (filter: ShellCommandFilter) => filtered(reader.selectFrom("shell_command").selectAll(), filter);
  return {
    async append(added) {
      const now = database.clock();
      const fresh = new Map(added.map((command) => [command.key, command]));
      return await database.transaction(async (transaction) => {
        for (const keys of slices([...fresh.keys()])) {
          const known = await transaction
            .selectFrom("shell_command")
            .select("source_key")
            .where("source_key", "in", keys)
            .execute();
          for (const { source_key } of known) fresh.delete(source_key ?? "");
        }
        const rows = [...fresh.values()].map((command) => ({
          host_id: command.hostId ?? null,
          host_name: storableText(command.hostName, 255),
          address: storableText(command.address, 255),
          login_user: storableText(command.user, 255),
          typed_at: Math.round(command.typedAt),
          received_at: now,
          command: storableText(command.command, 65_536),
          source: command.source,
          source_key: command.key,
        }));
        // A second report of the same moment loses against the key and changes nothing.
        await insertRows(database, transaction, "shell_command", columns, rows, "keep_old");
        return rows.length;
      });
    },

    async list(filter, { cursor, limit }) {
      const before = readPlace(cursor);
      let query = commands(filter)
        .orderBy("typed_at", "desc")
        .orderBy("id", "desc")
        .limit(limit + 1);
      if (before !== undefined) {
        query = query.where((build) =>
          build.or([
            build("typed_at", "<", before.typedAt),
            build.and([build("typed_at", "=", before.typedAt), build("id", "<", before.id)]),
          ]),
        );
      }
      const rows = await query.execute();
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      const more = rows.length > limit && last !== undefined;
      return { rows: shown.map(toCommand), ...(more ? { next: `${last.typed_at}-${last.id}` } : {}) };
    },

    async newer(filter, than, limit) {
      const rows = await commands(filter).where("id", ">", than).orderBy("id").limit(limit).execute();
      return rows.map(toCommand);
    },

    async lastId() {
      const row = await reader
        .selectFrom("shell_command")
        .select((build) => build.fn.max("id").as("id"))
        .executeTakeFirst();
      return row?.id ?? 0;
    },

    async activity(filter) {
      const hour = sql<number>`typed_at - typed_at % ${sql.lit(hourMilliseconds)}`;
      const rows = await filtered(
        reader
          .selectFrom("shell_command")
          .select((build) => [hour.as("hour"), build.fn.countAll<number>().as("count")])
          .groupBy(hour),
        filter,
      ).execute();
      return rows.map((row) => ({ hour: Number(row.hour), count: Number(row.count) })).sort((a, b) => a.hour - b.hour);
    },

    async setReportToken(hostId, sha256, by) {
      await database.transaction(async (transaction) => {
        const host = await transaction.selectFrom("host").select("id").where("id", "=", hostId).executeTakeFirst();
        if (host === undefined) throw notFound(`Host ${hostId}`);
        const row = { host_id: hostId, sha256, created_at: database.clock(), created_by: by, last_used_at: null };
        await transaction.deleteFrom("report_token").where("host_id", "=", hostId).execute();
        await transaction.insertInto("report_token").values(row).execute();
      });
    },

    async deleteReportToken(hostId) {
      await database.transaction(async (transaction) => {
        await transaction.deleteFrom("report_token").where("host_id", "=", hostId).execute();
      });
    },

    async reportToken(hostId) {
      const row = await reader.selectFrom("report_token").selectAll().where("host_id", "=", hostId).executeTakeFirst();
      if (row === undefined) return undefined;
      const { created_at: createdAt, created_by: createdBy, last_used_at: lastUsedAt } = row;
      return { createdAt, createdBy, ...(lastUsedAt === null ? {} : { lastUsedAt }) };
    },

    async useReportToken(sha256, now) {
      const row = await reader
        .selectFrom("report_token")
        .innerJoin("host", "host.id", "report_token.host_id")
        .select(["host.id", "host.name", "host.inner_address", "host.outer_address", "report_token.last_used_at"])
        .where("report_token.sha256", "=", sha256)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      if (row.last_used_at === null || row.last_used_at < now - noteMilliseconds) {
        await database.transaction(async (transaction) => {
          await transaction
            .updateTable("report_token")
            .set({ last_used_at: now })
            .where("sha256", "=", sha256)
            .execute();
        });
      }
      return { hostId: row.id, hostName: row.name, address: row.inner_address || row.outer_address };
    },
  };
}

function filtered<Row>(
  query: SelectQueryBuilder<Tables, "shell_command", Row>,
  { hostIds, user, text, from, to }: ShellCommandFilter,
): SelectQueryBuilder<Tables, "shell_command", Row> {
  let narrowed = query;
  if (hostIds !== undefined) {
    const ids = hostIds.filter((id) => Number.isSafeInteger(id));
    // As literals: a query may match more hosts than a statement takes parameters.
    narrowed =
      ids.length === 0
        ? narrowed.where(sql<boolean>`1 = 0`)
        : narrowed.where(sql<boolean>`host_id in (${sql.join(ids.map((id) => sql.lit(id)))})`);
  }
  if (user !== undefined) narrowed = narrowed.where("login_user", "=", user);
  if (from !== undefined) narrowed = narrowed.where("typed_at", ">=", from);
  if (to !== undefined) narrowed = narrowed.where("typed_at", "<", to);
  if (text !== undefined && text !== "") {
    const pattern = `%${text.toLowerCase().replaceAll(/[!%_]/g, "!$&")}%`;
    narrowed = narrowed.where(sql<boolean>`lower(command) like ${pattern} escape '!'`);
  }
  return narrowed;
}

function readPlace(cursor: string | undefined): { typedAt: number; id: number } | undefined {
  if (cursor === undefined) return undefined;
  const place = /^(-?\d{1,15})-(\d{1,15})$/.exec(cursor);
  if (place === null) {
    throw new OmError("request.invalid", reasonText("cursor_not_given"));
  }
  return { typedAt: Number(place[1]), id: Number(place[2]) };
}

function toCommand(row: Selectable<Tables["shell_command"]>): ShellCommand {
  return {
    id: row.id,
    ...(row.host_id === null ? {} : { hostId: row.host_id }),
    hostName: row.host_name,
    address: row.address,
    user: row.login_user,
    typedAt: row.typed_at,
    receivedAt: row.received_at,
    command: row.command,
    source: row.source as ShellCommandSource,
  };
}
