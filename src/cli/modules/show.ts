import type { Command } from "commander";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { flagHelp, flagsOf } from "../runs/module-flags.ts";
import { safeText } from "../terminal/safe-text.ts";
import { list, timeText } from "../terminal/table.ts";
import { findModule } from "./find-module.ts";

interface Options extends ClientOptions {
  readonly source?: boolean;
}

export function addModulesShow(modules: Command, io: CliIo): void {
  addClientCommand<Options>(modules, io, {
    name: "show <module>",
    description: "show a module and the flags that it takes",
    options: (command) => command.option("--source", "print the manifest as it is edited (YAML)"),
    async action(context, [word = ""], { source = false }) {
      const module = await findModule(context, word);
      if (source && !context.json) return context.io.out(safeText(module.source, { colours: false }));
      await context.print(module, () => {
        const fields = list([
          ["module", module.key],
          ["number", module.id],
          ["name", `${module.name.en} · ${module.name.zh}`],
          ["danger", module.danger],
          ["engines", module.engines.join(" ")],
          ["version", module.version],
          ["changed", `${timeText(module.updatedAt)} by ${module.updatedBy}`],
        ]);
        const description = [module.description.en, module.description.zh].filter((text) => text !== "").join("\n");
        const flags = flagHelp(flagsOf(module.parameters));
        const usage = `omserver run ${module.key} QUERY${flags === "" ? "" : ` [options]\n${flags}`}`;
        return `${fields}\n${safeText(`${description}\n\n${usage}`, { colours: false })}\n`;
      });
    },
  });
}
