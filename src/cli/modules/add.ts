import type { Command } from "commander";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { CliIo } from "../io.ts";
import { readText } from "../text-file.ts";
import { findModule } from "./find-module.ts";
import { problemText } from "./problem-text.ts";

interface Options extends ClientOptions {
  readonly check?: boolean;
  readonly replace?: string;
}

export function addModulesAdd(modules: Command, io: CliIo): void {
  addClientCommand<Options>(modules, io, {
    name: "add <file>",
    description: "add a module from its manifest, YAML or JSON (- for standard input)",
    options: (command) =>
      command
        .option("--check", "only check the manifest; exit code 3 when it is not valid")
        .option("--replace <module>", "save it as a new version of this module"),
    async action(context, [path = ""], { check = false, replace }) {
      const { client, print } = context;
      const source = await readText(io, path);
      if (check) {
        const report = await client.call("POST /modules/preview", { body: { source } });
        await print(report, () => problemText(path, report.problems));
        if (!report.ok) io.setExitCode(exitCodes.notWell);
        return;
      }
      const before = replace === undefined ? undefined : await findModule(context, replace);
      const module =
        before === undefined
          ? await client.call("POST /modules", { body: { source } })
          : await client.call("PUT /modules/:id", {
              params: { id: before.id },
              body: { source, expectedVersion: before.version },
            });
      await print(module, () => `${module.key} (${module.id}) is version ${module.version} now.\n`);
    },
  });
}
