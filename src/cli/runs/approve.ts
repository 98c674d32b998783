import type { Command } from "commander";
import { OmError } from "../../contract/errors.ts";
import { addClientCommand, type ClientContext, type ClientOptions } from "../client-command.ts";
import { confirmHosts } from "../confirm.ts";
import type { CliIo } from "../io.ts";
import { positiveNumber } from "../numbers.ts";
import { safeLine } from "../terminal/safe-text.ts";
import { count } from "../terminal/table.ts";
import { runNumber } from "./run-number.ts";
import type { RunRow } from "./run-view.ts";

interface Options extends ClientOptions {
  readonly comment: string;
  readonly yesHosts?: number;
}

export function addRunsApprove(runs: Command, io: CliIo): void {
  addClientCommand<Options>(runs, io, {
    name: "approve <run>",
    description: "as the second person, let a run start that waits for one",
    options: (command) =>
      command
        .option("--comment <text>", "kept with the run and in the audit", "")
        .option("--yes-hosts <number>", "confirm that it is so many hosts", positiveNumber),
    async action(context, [word = ""], { comment, yesHosts }) {
      const { client, print, say } = context;
      const waiting = await client.call("GET /runs/:id", { params: { id: runNumber(context, word) } });
      if (!context.json) say(safeLine(titleOf(waiting)));
      const run = await approve(context, waiting, comment, yesHosts);
      await print(run, () => `Run ${run.id} is approved and ${run.state}. See: omserver runs show ${run.id} --watch\n`);
    },
  });
}

/** Where danger or number of hosts want it, the server asks for the number; only then is a person asked. */
async function approve(
  { client, io }: ClientContext,
  run: RunRow,
  comment: string,
  yesHosts: number | undefined,
): Promise<RunRow> {
  const send = (confirmHostCount: number | undefined) =>
    client.call("POST /runs/:id/approve", {
      params: { id: run.id },
      body: { comment, ...(confirmHostCount === undefined ? {} : { confirmHostCount }) },
    });
  try {
    return await send(yesHosts);
  } catch (error) {
    const asks = error instanceof OmError && error.code === "run.confirmation" && yesHosts === undefined;
    if (!asks) throw error;
    return send(await confirmHosts(io, hostsOf(run), (hosts) => `Approve it on ${hosts}`, { needed: true }));
  }
}

function titleOf(run: RunRow): string {
  const as = run.becomeUser === "" ? "" : `, as ${run.becomeUser}`;
  const what = `${run.moduleName.en} (${run.moduleKey}, ${run.danger}${as})`;
  return `Run ${run.id}, asked for by ${run.requestedBy}: ${what} on ${count(hostsOf(run), "host")}: ${run.query}`;
}

/** Those that take part. */
function hostsOf({ hostCount, counts }: RunRow): number {
  return hostCount - (counts.skipped ?? 0);
}
