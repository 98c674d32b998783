import { sql } from "kysely";
import { expect, it } from "vitest";
import { connect, type Database } from "../../../src/web/store/database.ts";
import type { DatabaseConfig, ServerDatabaseConfig } from "../../../src/web/store/database-config.ts";
import { executedMigrations, migrationNames } from "../../../src/web/store/migrate.ts";
import { openStore } from "../../../src/web/store/open.ts";
import { aHost, anAppCategory, uniqueName } from "./builders.ts";
import type { StoreSuite } from "./context.ts";

export const openingSuite: StoreSuite = (context, kind) => {
  it("finds everything again after it was closed", async () => {
    const appCategoryId = await anAppCategory(context().store);
    const host = await context().store.inventory.createHost(aHost({ appCategoryId }));
    const again = await context().openAgain();
    expect((await again.inventory.snapshot()).hosts).toContainEqual(host);
  });

  it("makes its tables once when several web servers start at once on an empty database", async () => {
    const config = await context().createDatabase();
    const stores = await Promise.all([1, 2, 3].map(() => openStore(config)));
    const created = await stores[0]?.inventory.createFunctionCategory("Linux");
    expect((await stores[2]?.inventory.snapshot())?.functionCategories).toEqual([created]);
    for (const store of stores) await store.close();
  });

  if (kind !== "sqlite") {
    it("goes on after its connections were cut", async () => {
      const { config } = context();
      const store = await context().openAgain();
      await Promise.all([1, 2, 3].map(() => store.users.count()));
      const administrator = connect(config);
      await cutConnections(administrator);
      await administrator.close().catch(() => undefined);

      const answers = [];
      for (let attempt = 0; attempt < 20; attempt += 1) {
        answers.push(await store.users.count().catch((error: unknown) => error));
      }

      expect(answers.at(-1)).toBe(0);
      for (const answer of answers) {
        if (answer !== 0) expect(answer).toMatchObject({ code: "store.unavailable" });
      }
    });
  }

  it("makes up for migrations that came in between those that a database has been through", async () => {
    const config = await context().createDatabase();
    const database = connect(config);
    await (await openStore(config)).close();
    await sql`drop table saved_view`.execute(database.writer);
    await sql`delete from kysely_migration where name = '0008-saved-views'`.execute(database.writer);
    await sql`update kysely_migration set timestamp = '2026-11-25T10:00:00.000Z'`.execute(database.writer);

    await (await openStore(config)).close();

    const { rows } = await sql`select * from saved_view`.execute(database.writer);
    expect(rows).toEqual([]);
    expect(await executedMigrations(database.reader)).toEqual(migrationNames);
    await database.close();
  });

  it("refuses a database that a newer program has changed", async () => {
    const { config } = context();
    const database = connect(config);
    await sql`insert into kysely_migration (name, timestamp) values ('9999-from-the-future', 'x')`.execute(
      database.writer,
    );
    try {
      await expect(openStore(config)).rejects.toMatchObject({
        code: "store.unavailable",
        message: expect.stringContaining("newer") as string,
      });
    } finally {
      await sql`delete from kysely_migration where name = '9999-from-the-future'`.execute(database.writer);
      await database.close();
    }
  });

  if (kind === "postgres") {
    it("refuses a database that cannot hold every character", async () => {
      const config = serverOf(context().config);
      const database = connect(config);
      await sql`create database ascii encoding 'SQL_ASCII' locale 'C' template template0`.execute(database.writer);
      await database.close();

      await expect(openStore({ ...config, database: "ascii" })).rejects.toMatchObject({
        code: "store.unavailable",
        message: expect.stringContaining("ENCODING 'UTF8'") as string,
      });
    });
  }

  it("says what is wrong when the database is not there, without the password", async () => {
    const { config } = context();
    const away: DatabaseConfig =
      config.kind === "sqlite"
        ? { kind: "sqlite", file: "/dev/null/omserver.db" }
        : { ...config, port: 1, host: "127.0.0.1", socketPath: undefined, password: "canary-secret" };

    const failure = await openStore(away).then(
      () => undefined,
      (error: unknown) => error,
    );

    expect(failure).toMatchObject({ code: "store.unavailable" });
    expect(String(failure)).not.toContain("canary-secret");
  });

  it("tells of every statement with its time", async () => {
    const seen: { sql: string; milliseconds: number }[] = [];
    const store = await context().openAgain({ onQuery: (query) => seen.push(query) });
    seen.length = 0;
    const name = uniqueName("observed");

    await store.inventory.createFunctionCategory(name);

    expect(seen.map((query) => query.sql).join("\n")).toMatch(/insert into .?function_category/);
    expect(seen.every(({ milliseconds }) => milliseconds >= 0)).toBe(true);
    expect(JSON.stringify(seen)).not.toContain(name);
  });
};

/** All connections to this database but the one that cuts. */
async function cutConnections(database: Database): Promise<void> {
  if (database.kind === "postgres") {
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`.execute(database.writer);
    return;
  }
  const { rows } = await sql<{ id: number }>`select id from information_schema.processlist
    where db = database() and id <> connection_id()`.execute(database.writer);
  for (const { id } of rows) await sql`kill ${sql.lit(id)}`.execute(database.writer);
}

function serverOf(config: DatabaseConfig): ServerDatabaseConfig {
  if (config.kind === "sqlite") throw new Error("a SQLite file has no server");
  return config;
}
