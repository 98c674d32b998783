import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { runNumber } from "./run-number.ts";
import { progressText } from "./run-view.ts";

export function addRunsCancel(runs: Command, io: CliIo): void {
  addClientCommand(runs, io, {
    name: "cancel <run>",
    description: "start no more hosts, and end what runs",
    async action(context, [word = ""]) {
      const { client, print } = context;
      const run = await client.call("POST /runs/:id/cancel", { params: { id: runNumber(context, word) } });
      await print(run, () => `Run ${run.id} is ${run.state}: ${progressText({ run })}\n`);
    },
  });
}
