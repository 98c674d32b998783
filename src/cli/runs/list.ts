import type { Command } from "commander";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import { waitsText } from "../controllers/standing.ts";
import type { CliIo } from "../io.ts";
import { moment, positiveNumber } from "../numbers.ts";
import { table, timeText } from "../terminal/table.ts";
import { approvalText, progressText, type RunRow } from "./run-view.ts";

interface Options extends ClientOptions {
  readonly limit: number;
  readonly state?: string;
  readonly by?: string;
  readonly forMe?: boolean;
  readonly since?: number;
  readonly until?: number;
}

export function addRunsList(runs: Command, io: CliIo): void {
  addClientCommand<Options>(runs, io, {
    name: "list",
    description: "list runs, newest first",
    options: (command) =>
      command
        .option("--limit <number>", "show at most so many", positiveNumber, 20)
        .option("--state <states>", "only these, with commas: running,failed,…")
        .option("--by <user>", "only those that this user asked for")
        .option("--for-me", "only those that wait for a second person, whom you may be")
        .option("--since <date>", "only those made since then", moment)
        .option("--until <date>", "only those made before then", moment),
    async action({ client, print }, _words, { limit, state, by, forMe, since, until }) {
      const rows: RunRow[] = [];
      let cursor: string | undefined;
      do {
        const page = await client.call("GET /runs", {
          query: {
            limit: Math.min(1000, limit - rows.length),
            ...(cursor === undefined ? {} : { cursor }),
            ...(state === undefined ? {} : { state }),
            ...(by === undefined ? {} : { requestedBy: by }),
            ...(forMe ? { waitingFor: "me" as const } : {}),
            ...(since === undefined ? {} : { from: since }),
            ...(until === undefined ? {} : { to: until }),
          },
        });
        rows.push(...page.rows);
        cursor = page.next;
      } while (cursor !== undefined && rows.length < limit);
      await print(rows, () =>
        table(
          ["run", "module", "state", "", "hosts", "by", "made", ""],
          rows.map((run) => [
            run.id,
            run.moduleKey,
            run.state,
            run.needsAttention ? "!" : "",
            progressText({ run }),
            run.requestedBy,
            timeText(run.createdAt),
            run.state === "awaiting_approval" ? approvalText(run) : waitsText(run.waitsFor),
          ]),
        ),
      );
    },
  });
}
