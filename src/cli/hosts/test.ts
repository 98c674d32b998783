import type { Command } from "commander";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { CliIo } from "../io.ts";
import { positiveNumber } from "../numbers.ts";
import { table } from "../terminal/table.ts";
import { type HostRow, listHosts } from "./find-host.ts";

interface Options extends ClientOptions {
  readonly limit: number;
}

const atOnce = 8;

export function addHostsTest(hosts: Command, io: CliIo): void {
  addClientCommand<Options>(hosts, io, {
    name: "test <query>",
    description: "connect and sign in to each host that a query matches; nothing runs there",
    options: (command) => command.option("--limit <number>", "test at most so many", positiveNumber, 100),
    async action({ client, print, say }, [query = ""], { limit }) {
      const { rows, total } = await listHosts(client, query, limit);
      if (rows.length < total) say(`Testing the first ${rows.length} of ${total} hosts; test more with --limit.`);
      const results = await inTurn(rows, async (host: HostRow) => {
        const report = await client.call("POST /hosts/:id/test", { params: { id: host.id } });
        return { host: host.name, ...report };
      });
      await print(results, () =>
        table(
          ["host", "", "ms", "answer"],
          results.map(({ host, ok, milliseconds, message }) => [host, ok ? "ok" : "failed", milliseconds, message]),
        ),
      );
      if (results.some(({ ok }) => !ok)) io.setExitCode(exitCodes.notWell);
    },
  });
}

/** A few at a time, results in the order of the rows. */
async function inTurn<Row, Result>(rows: readonly Row[], work: (row: Row) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const queue = rows.entries();
  async function takeNext(): Promise<void> {
    for (const [index, row] of queue) results[index] = await work(row);
  }
  await Promise.all(Array.from({ length: atOnce }, takeNext));
  return results;
}
