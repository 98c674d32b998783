import { type Command, Option } from "commander";
import type { z } from "zod";
import { type EngineId, engineIds } from "../../contract/engine.ts";
import type { firstOmserverReport } from "../../contract/http/schemas/first-omserver.ts";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { CliIo } from "../io.ts";
import { safeLine } from "../terminal/safe-text.ts";
import { count } from "../terminal/table.ts";
import { readBytes } from "../text-file.ts";
import { dumpText } from "./dump-text.ts";

interface Options extends ClientOptions {
  readonly preview?: boolean;
  readonly skipRefused?: boolean;
  readonly timeZone: string;
  readonly engines: string;
}

export function addImportOmserverV1(group: Command, io: CliIo): void {
  addClientCommand<Options>(group, io, {
    name: "omserver-v1 <dump>",
    description:
      "take over a dump (mysqldump or phpMyAdmin) of the first OMServer's database: categories, hosts, modules, command history (- for standard input)",
    options: (command) =>
      command
        .option("--preview", "only tell what would be done")
        .option("--skip-refused", "take over the rest where something is refused")
        .option("--time-zone <zone>", "in which the dump's times are written", "Asia/Shanghai")
        .addOption(
          new Option("--engines <list>", `engines of new hosts, by preference: ${engineIds.join(", ")}`).default("ssh"),
        ),
    async action({ client, print }, [path = ""], { preview = false, skipRefused = false, timeZone, engines }) {
      const text = dumpText(await readBytes(io, path), path);
      const chosen = engines.split(",").map((engine) => engine.trim()) as EngineId[];
      const body = { text, preview, skipRefused, timeZone, engines: chosen };
      const report = await client.call("POST /imports/omserver-v1", { body });
      await print(report, () => reportText(report, preview));
      if (!preview && !report.applied) io.setExitCode(exitCodes.notWell);
    },
  });
}

type Report = z.output<typeof firstOmserverReport>;

const shownRows = 50;

function reportText(report: Report, preview: boolean): string {
  const { functionCategories, appCategories, hosts, modules, commands, refused, notes } = report;
  const lines = [
    ...firstOf(functionCategories.added.map((name) => `category + ${name}`)),
    ...firstOf(appCategories.added.map((path) => `category + ${path}`)),
    ...firstOf([
      ...hosts.added.map(({ line, name }) => `${line}: host + ${name}`),
      ...hosts.changed.map(({ line, name, fields }) => `${line}: host ~ ${name} (${fields.join(", ")})`),
    ]),
    ...modules.added.flatMap((module) => moduleLines("+", module)),
    ...modules.changed.flatMap((module) => moduleLines("~", module)),
    ...notes.map(({ line, text, reason }) => `${line}: note: ${reason} [${text}]`),
    ...refused.map(
      ({ line, table, text, reason }) => `${line}: refused: ${reason} [${table === "" ? "" : `${table}: `}${text}]`,
    ),
  ];
  const counts = [
    count(functionCategories.added.length + appCategories.added.length, "category", "categories"),
    count(hosts.added.length, "host"),
    count(modules.added.length, "module"),
    count(commands.added, "command"),
  ].join(", ");
  const rest = `${hosts.changed.length + modules.changed.length} changed, ${hosts.unchanged + modules.unchanged + commands.unchanged + functionCategories.unchanged + appCategories.unchanged} unchanged, ${refused.length} refused`;
  const end = report.applied
    ? `Added: ${counts}; ${rest}.`
    : preview
      ? `Would be added: ${counts}; ${rest}. Nothing was written.`
      : `Nothing was written: ${count(refused.length, "row")} refused. Correct the dump, or add --skip-refused.`;
  return `${[...lines, end].map(safeLine).join("\n")}\n`;
}

function firstOf(lines: readonly string[]): string[] {
  const more = lines.length - shownRows;
  return more > 0 ? [...lines.slice(0, shownRows), `… and ${count(more, "more", "more")}`] : [...lines];
}

function moduleLines(sign: string, module: Report["modules"]["added"][number]): string[] {
  return [
    `${module.line}: module ${sign} ${module.oldId} ${module.name} (${module.key})`,
    ...module.parameters.map((parameter) => {
      const facts = [
        ...(parameter.choices.length > 0 ? [`one of ${parameter.choices.join(", ")}`] : []),
        ...(parameter.default === undefined ? [] : [`default ${parameter.default}`]),
        ...(parameter.maxLength === undefined ? [] : [`at most ${parameter.maxLength} characters`]),
      ];
      return `    ${parameter.name} ${parameter.title}${facts.length === 0 ? "" : `: ${facts.join("; ")}`}`;
    }),
  ];
}
