import type { Command } from "commander";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { table } from "../terminal/table.ts";

interface Options extends ClientOptions {
  readonly all?: boolean;
}

export function addModulesList(modules: Command, io: CliIo): void {
  addClientCommand<Options>(modules, io, {
    name: "list",
    description: "list the catalogue",
    options: (command) => command.option("--all", "also modules that are taken out of the catalogue"),
    async action({ client, print }, _words, { all = false }) {
      const listed = await client.call("GET /modules", {});
      const rows = listed.modules.filter(({ enabled }) => enabled || all);
      await print(rows, () =>
        table(
          ["number", "module", "name", "名称", "danger", "version", "engines", ""],
          rows.map((each) => [
            each.id,
            each.key,
            each.name.en,
            each.name.zh,
            each.danger,
            each.version,
            each.engines.join(" "),
            each.enabled ? "" : "taken out",
          ]),
        ),
      );
    },
  });
}
