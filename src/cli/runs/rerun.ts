import { type Command, Option } from "commander";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { CliIo } from "../io.ts";
import { positiveNumber } from "../numbers.ts";
import { exitCodeOf, followRun } from "./follow-run.ts";
import { printResults } from "./print-results.ts";
import { runNumber } from "./run-number.ts";
import { sayWhetherItWaits } from "./second-person.ts";

const selections = ["all", "not_ok", "failed", "unknown"] as const;

interface Options extends ClientOptions {
  readonly on: (typeof selections)[number];
  readonly yesHosts?: number;
  readonly detach?: boolean;
}

export function addRunsRerun(runs: Command, io: CliIo): void {
  addClientCommand<Options>(runs, io, {
    name: "rerun <run>",
    description: "run the same again",
    options: (command) =>
      command
        .addOption(new Option("--on <selection>", "on which of its hosts").choices(selections).default("not_ok"))
        .option("--yes-hosts <number>", "confirm that it is so many hosts", positiveNumber)
        .option("--detach", "print the run's number and leave it to itself"),
    async action(context, [word = ""], { on, yesHosts, detach = false }) {
      const run = await context.client.call("POST /runs/:id/rerun", {
        params: { id: runNumber(context, word) },
        body: { selection: on, ...(yesHosts === undefined ? {} : { confirmHostCount: yesHosts }) },
      });
      if (!context.json) sayWhetherItWaits(context.say, run);
      if (detach) return context.print(run, () => `${run.id}\n`);
      const ended = await followRun(context, run.id);
      if (ended === undefined) return io.setExitCode(exitCodes.interrupted);
      await printResults(context, ended);
      io.setExitCode(exitCodeOf(ended));
    },
  });
}
