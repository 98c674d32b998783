import { sql } from "kysely";
import { expect, it } from "vitest";
import { connect } from "../../../src/web/store/database.ts";
import type { DatabaseConfig } from "../../../src/web/store/database-config.ts";
import { openStore } from "../../../src/web/store/open.ts";
import { aHost, anAppCategory, uniqueName } from "./builders.ts";
import type { StoreSuite } from "./context.ts";

export const openingSuite: StoreSuite = (context) => {
  it("finds everything again after it was closed", async () => {
    const appCategoryId = await anAppCategory(context().store);
    const host = await context().store.inventory.createHost(aHost({ appCategoryId }));
    const again = await context().openAgain();
    expect((await again.inventory.snapshot()).hosts).toContainEqual(host);
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
