import type { Command } from "commander";
import type { z } from "zod";
import type { auditRecord } from "../../contract/http/schemas/audit.ts";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { moment, positiveNumber } from "../numbers.ts";
import { table, timeText } from "../terminal/table.ts";

interface Options extends ClientOptions {
  readonly limit: number;
  readonly actor?: string;
  readonly action?: string;
  readonly text?: string;
  readonly since?: number;
  readonly until?: number;
}

export function addAuditList(audit: Command, io: CliIo): void {
  addClientCommand<Options>(audit, io, {
    name: "list",
    description: "list audit records, newest first",
    options: (command) =>
      command
        .option("--limit <number>", "show at most so many", positiveNumber, 50)
        .option("--actor <user>", "only what this user did")
        .option("--action <action>", "only this action, such as run.start")
        .option("--text <text>", "only records that hold this text")
        .option("--since <date>", "only since then", moment)
        .option("--until <date>", "only before then", moment),
    async action({ client, print }, _words, { limit, actor, action, text, since, until }) {
      const rows: z.output<typeof auditRecord>[] = [];
      let cursor: string | undefined;
      do {
        const page = await client.call("GET /audit", {
          query: {
            limit: Math.min(1000, limit - rows.length),
            ...(cursor === undefined ? {} : { cursor }),
            ...(actor === undefined ? {} : { actor }),
            ...(action === undefined ? {} : { action }),
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
          ["record", "time", "actor", "from", "action", "object", "hosts"],
          rows.map((row) => [row.seq, timeText(row.at), row.actor, row.source, row.action, row.object, row.hosts]),
        ),
      );
    },
  });
}
