import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, it } from "vitest";
import { connect } from "./database.ts";
import { openStore } from "./open.ts";

/** What is SQLite's alone. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "om-sqlite-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("makes the file for its owner only and writes every commit through", async () => {
  const file = join(folder, "deep", "er", "omserver.db");
  const store = await openStore({ kind: "sqlite", file });
  await store.close();
  const database = connect({ kind: "sqlite", file });
  const pragma = async (name: string) =>
    Object.values((await sql.raw<object>(`pragma ${name}`).execute(database.writer)).rows[0] ?? {})[0] as unknown;

  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, "deep")).mode & 0o777).toBe(0o700);
  expect(await pragma("journal_mode")).toBe("wal");
  expect(await pragma("synchronous")).toBe(2);
  expect(await pragma("foreign_keys")).toBe(1);
  await database.close();
});

it("says that the store is unavailable when the disk is full, and goes on when it is not", async () => {
  const database = connect({ kind: "sqlite", file: join(folder, "full.db") });
  await sql`create table filler (content text)`.execute(database.writer);
  await sql`pragma max_page_count = 20`.execute(database.writer);
  const fill = (bytes: number) =>
    database.transaction((transaction) => sql`insert into filler values (${"x".repeat(bytes)})`.execute(transaction));

  await expect(fill(200_000)).rejects.toMatchObject({
    code: "store.unavailable",
    message: expect.stringMatching(/full/),
  });
  await fill(100);

  const { rows } = await sql<{ count: number }>`select count(*) as count from filler`.execute(database.reader);
  expect(rows[0]?.count).toBe(1);
  await database.close();
});

it("lets other work go on while another process holds the file", async () => {
  const file = join(folder, "shared.db");
  const holder = connect({ kind: "sqlite", file });
  const waiter = connect({ kind: "sqlite", file });
  await sql`create table filler (content text)`.execute(holder.writer);
  const order: string[] = [];

  await Promise.all([
    holder.transaction(async (transaction) => {
      await sql`insert into filler values ('holder')`.execute(transaction);
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push("holder");
    }),
    sql`insert into filler values ('waiter')`.execute(waiter.writer).then(() => order.push("waiter")),
    sql`select * from filler`.execute(waiter.reader).then(() => order.push("reader")),
  ]);

  expect(order).toEqual(["reader", "holder", "waiter"]);
  await holder.close();
  await waiter.close();
});
