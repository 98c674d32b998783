import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { table } from "../terminal/table.ts";
import { type EngineOptions, engineOf, withEngineOptions } from "./engine-options.ts";

export function addKeysList(parent: Command, io: CliIo): void {
  addClientCommand<EngineOptions>(parent, io, {
    name: "list",
    description: "list accepted, pending, rejected and denied keys",
    options: withEngineOptions,
    async action({ client, print }, _words, options) {
      const { keys } = await client.call("GET /controllers/:name/engines/:engine/keys", { params: engineOf(options) });
      await print(keys, () =>
        table(
          ["host", "state"],
          keys.map(({ name, state }) => [name, state]),
        ),
      );
    },
  });
}
