import { type Command, Option } from "commander";
import type { z } from "zod";
import { type EngineId, engineIds } from "../../contract/engine.ts";
import type { importReport } from "../../contract/http/schemas/inventory.ts";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { CliIo } from "../io.ts";
import { safeLine } from "../terminal/safe-text.ts";
import { count } from "../terminal/table.ts";
import { readText } from "../text-file.ts";

interface Options extends ClientOptions {
  readonly format?: "csv" | "ssh_config";
  readonly fromEngine?: EngineId;
  readonly controller: string;
  readonly groups: "ignore" | "tags" | "categories";
  readonly category: string;
  readonly preview?: boolean;
  readonly skipRefused?: boolean;
}

export function addHostsImport(hosts: Command, io: CliIo): void {
  addClientCommand<Options>(hosts, io, {
    name: "import [file]",
    description:
      "add and change hosts from a CSV file or an OpenSSH ssh_config (- for standard input), or from what an engine's own system knows",
    options: (command) =>
      command
        .addOption(
          new Option("--format <format>", "csv, or ssh_config; default by the file's name and text").choices([
            "csv",
            "ssh_config",
          ]),
        )
        .addOption(
          new Option("--from-engine <engine>", "instead of a file: Ansible's inventory, Salt's master, …").choices(
            engineIds,
          ),
        )
        .option("--controller <name>", "the controller whose engine is asked", "main")
        .addOption(
          new Option("--groups <use>", "what becomes of the groups that hosts are in there")
            .choices(["ignore", "tags", "categories"])
            .default("tags"),
        )
        .option(
          "--category <path>",
          "where new hosts go whose row names no category; with --groups categories a function category",
          "",
        )
        .option("--preview", "only tell what would be done")
        .option("--skip-refused", "import the rest where rows are refused"),
    async action({ client, print, usage }, [path], options) {
      const { format, fromEngine, controller, groups, category, preview = false, skipRefused = false } = options;
      const common = { category, preview, skipRefused };
      if ((path === undefined) === (fromEngine === undefined)) usage("Name a file, or --from-engine, and only one.");
      const report =
        fromEngine === undefined
          ? await client.call("POST /hosts/import", {
              body: { ...(await readFile(io, path ?? "", format)), ...common },
            })
          : await client.call("POST /engines/:engine/hosts/import", {
              params: { engine: fromEngine },
              body: { controller, groups, ...common },
            });
      await print(report, () => reportText(report, preview));
      if (!preview && !report.applied) io.setExitCode(exitCodes.notWell);
    },
  });
}

async function readFile(io: CliIo, path: string, format: Options["format"]) {
  const text = await readText(io, path);
  return { text, format: format ?? formatOf(path, text) };
}

/** By the name, else by what stands there: a line of an ssh_config, and no comma where CSV names its columns. */
function formatOf(path: string, text: string): "csv" | "ssh_config" {
  if (/(?:^|\/)(?:ssh_)?config(?:\.d\/.*|_.*)?$/.test(path)) return "ssh_config";
  const header = text.split("\n", 1)[0] ?? "";
  return !header.includes(",") && /^[ \t]*(?:host|match)[ \t=]+\S/im.test(text) ? "ssh_config" : "csv";
}

const shownRows = 50;

function reportText(report: z.output<typeof importReport>, preview: boolean): string {
  const { added, changed, refused, unchanged, applied } = report;
  const lines = [
    ...added.map(({ line, name }) => `${line}: + ${name}`),
    ...changed.map(({ line, name, fields }) => `${line}: ~ ${name} (${fields.join(", ")})`),
  ].slice(0, shownRows);
  const more = added.length + changed.length - lines.length;
  if (more > 0) lines.push(`… and ${count(more, "more", "more")}`);
  for (const { line, column, reason, text } of refused) {
    lines.push(
      `${line}${column === undefined ? "" : `:${column}`}: refused: ${reason}${text === "" ? "" : ` [${text}]`}`,
    );
  }
  const counts = `${added.length} added, ${changed.length} changed, ${unchanged} unchanged, ${refused.length} refused`;
  const end = applied
    ? `${counts}.`
    : preview
      ? `Would be: ${counts}. Nothing was written.`
      : `Nothing was written: ${count(refused.length, "row")} refused. Correct the file, or add --skip-refused.`;
  return `${[...lines, end].map(safeLine).join("\n")}\n`;
}
