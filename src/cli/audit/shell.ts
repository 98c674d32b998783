import type { Command } from "commander";
import type { z } from "zod";
import type { shellCommand } from "../../contract/http/schemas/audit.ts";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { moment, positiveNumber } from "../numbers.ts";
import { table, timeText } from "../terminal/table.ts";

interface Options extends ClientOptions {
  readonly limit: number;
  readonly user?: string;
  readonly text?: string;
  readonly since?: number;
  readonly until?: number;
}

export function addAuditShell(audit: Command, io: CliIo): void {
  addClientCommand<Options>(audit, io, {
    name: "shell [query]",
    description: "list shell commands that were typed on the hosts, newest first",
    options: (command) =>
      command
        .option("--limit <number>", "show at most so many", positiveNumber, 50)
        .option("--user <account>", "only what this account of a host typed")
        .option("--text <text>", "only commands that hold this text")
        .option("--since <date>", "only since then", moment)
        .option("--until <date>", "only before then", moment),
    async action({ client, print }, [query = ""], { limit, user, text, since, until }) {
      const rows: z.output<typeof shellCommand>[] = [];
      let cursor: string | undefined;
      do {
        const page = await client.call("GET /shell-commands", {
          query: {
            query,
            limit: Math.min(1000, limit - rows.length),
            ...(cursor === undefined ? {} : { cursor }),
            ...(user === undefined ? {} : { user }),
            ...(text === undefined ? {} : { text }),
            ...(since === undefined ? {} : { from: since }),
            ...(until === undefined ? {} : { to: until }),
          },
        });
        rows.push(...page.rows);
        cursor = page.next;
      } while (cursor !== undefined && rows.length < limit);
      await print(rows, () =>
        table(
          ["time", "host", "user", "command"],
          rows.map((row) => [timeText(row.typedAt), row.hostName, row.user, row.command]),
        ),
      );
    },
  });
}
