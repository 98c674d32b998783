import { type Command, Option } from "commander";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { sendBody } from "../response-body.ts";
import { runNumber } from "./run-number.ts";

const formats = ["text", "jsonl", "csv"] as const;

interface Options extends ClientOptions {
  readonly format?: (typeof formats)[number];
}

export function addRunsExport(runs: Command, io: CliIo): void {
  addClientCommand<Options>(runs, io, {
    name: "export <run>",
    description: "write the whole run: text, a JSON line a host (also by --json), or CSV",
    options: (command) => command.addOption(new Option("--format <format>", "default text").choices(formats)),
    async action(context, [word = ""], options) {
      const { client, json } = context;
      const format = options.format ?? (json ? "jsonl" : "text");
      const response = await client.call("GET /runs/:id/export", {
        params: { id: runNumber(context, word) },
        query: { format },
      });
      await sendBody(response, io);
    },
  });
}
