import type { Command } from "commander";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { runNumber } from "./run-number.ts";

interface Options extends ClientOptions {
  readonly comment: string;
}

export function addRunsReject(runs: Command, io: CliIo): void {
  addClientCommand<Options>(runs, io, {
    name: "reject <run>",
    description: "as the second person, end a run that waits for one; nothing of it has started",
    options: (command) => command.option("--comment <text>", "why; kept with the run and in the audit", ""),
    async action(context, [word = ""], { comment }) {
      const { client, print } = context;
      const params = { id: runNumber(context, word) };
      const run = await client.call("POST /runs/:id/reject", { params, body: { comment } });
      await print(run, () => `Run ${run.id} is ${run.state}.\n`);
    },
  });
}
