import type { Command } from "commander";
import type { z } from "zod";
import type { moduleImportReport } from "../../contract/http/schemas/modules.ts";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { CliIo } from "../io.ts";
import { safeLine } from "../terminal/safe-text.ts";
import { readText } from "../text-file.ts";
import { problemText } from "./problem-text.ts";

interface Options extends ClientOptions {
  readonly preview?: boolean;
}

export function addModulesImport(modules: Command, io: CliIo): void {
  addClientCommand<Options>(modules, io, {
    name: "import <file>",
    description:
      "add a module from a file that modules export wrote (- for standard input), or save it as a new version of the module of its key",
    options: (command) =>
      command.option("--preview", "only tell what would be done; exit code 3 when the file would be refused"),
    async action({ client, print }, [path = ""], { preview = false }) {
      const source = await readText(io, path);
      // What is refused is told with its places either way; nothing is written then.
      const looked = await client.call("POST /modules/import", { body: { source, preview: true } });
      const goesOn = !preview && looked.action !== "refused";
      const report = goesOn
        ? await client.call("POST /modules/import", {
            body: { source, preview: false, ...expected(looked.current?.version) },
          })
        : looked;
      await print(report, () => reportText(path, report));
      if (report.action === "refused") io.setExitCode(exitCodes.notWell);
    },
  });
}

function expected(version: number | undefined): { expectedVersion?: number } {
  return version === undefined ? {} : { expectedVersion: version };
}

function reportText(path: string, report: z.output<typeof moduleImportReport>): string {
  const { action, module, current, result, reason, problems, applied } = report;
  if (problems.length > 0) return problemText(path, problems);
  const key = module?.key ?? path;
  const before = current === undefined ? "" : `version ${current.version}`;
  const said = {
    refused: reason,
    unchanged: `${key} is ${before} already; nothing to do.`,
    add: applied ? `${key} (${result?.id}) is added as version 1.` : `Would add ${key}. Nothing was written.`,
    change: applied
      ? `${key} (${result?.id}) is version ${result?.version} now; it was ${before}.`
      : `Would save a new version of ${key}, after ${before}. Nothing was written.`,
  };
  return `${safeLine(said[action])}\n`;
}
