import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import type { z } from "zod";
import type { runPreview, runRequest } from "../../contract/http/schemas/runs.ts";
import { addClientCommand, type ClientContext, type ClientOptions } from "../client-command.ts";
import { confirmHosts } from "../confirm.ts";
import { waitsText } from "../controllers/standing.ts";
import { exitCodes } from "../exit-codes.ts";
import type { CliIo } from "../io.ts";
import { findModule } from "../modules/find-module.ts";
import { collected, duration, positiveNumber } from "../numbers.ts";
import { safeLine, safeText } from "../terminal/safe-text.ts";
import { count } from "../terminal/table.ts";
import { readText } from "../text-file.ts";
import { exitCodeOf, followRun } from "./follow-run.ts";
import { flagsOf } from "./module-flags.ts";
import { collectParameters } from "./parameters.ts";
import { printResults } from "./print-results.ts";
import { sayWhetherItWaits } from "./second-person.ts";

interface Options extends ClientOptions {
  readonly query?: string;
  readonly script?: string;
  readonly interpreter: string;
  readonly param?: readonly string[];
  readonly width?: number;
  readonly waveSize?: number;
  readonly maxFailures?: number;
  readonly becomeUser?: string;
  readonly timeout?: number;
  readonly yesHosts?: number;
  readonly dryRun?: boolean;
  readonly check?: boolean;
  readonly detach?: boolean;
}

type RunRequest = z.input<typeof runRequest>;
type Preview = z.output<typeof runPreview>;

export function addRunCommand(program: Command, io: CliIo): void {
  addClientCommand<Options>(program, io, {
    name: "run [words...]",
    description: "run a module, a command or a script on the hosts of a query, and watch every host answer",
    options: (command) =>
      command
        .usage(
          "MODULE QUERY [--PARAMETER value …]\n       omserver run --query QUERY [options] -- COMMAND [ARGUMENT …]\n       omserver run --query QUERY --script FILE",
        )
        .allowUnknownOption()
        .option("--query <query>", "the hosts, instead of as the second word")
        .option("--script <file>", "run this script on the hosts (- for standard input)")
        .option("--interpreter <program>", "what reads the script", "/bin/sh")
        .option("-p, --param <name=value>", "a parameter whose flag is one of these options", collected)
        .option("--width <number>", "at most so many hosts at once", positiveNumber)
        .option("--wave-size <number>", "hosts in a wave; one wave ends before the next starts", positiveNumber)
        .option("--max-failures <number>", "start no more hosts once more than so many have failed", positiveNumber)
        .option("--become-user <name>", "run as this user on the hosts")
        .option("--timeout <time>", "end a host's run after so long: 90s, 5m, 2h", duration)
        .option("--yes-hosts <number>", "confirm that it is so many hosts", positiveNumber)
        .option("--dry-run", "only show what would run, and where")
        .option("--check", "a dry run on the hosts: engines that can say what would change, and change nothing")
        .option("--detach", "print the run's number and leave it to itself")
        .addHelpText("after", "\nThe flags of a module: omserver modules show MODULE"),
    action: (context, words, options) => startRun(context, splitWords(program, words), options),
  });
}

interface Words {
  readonly words: readonly string[];
  /** What stands behind `--`. */
  readonly command?: readonly string[];
}

/** Commander takes `--` away; where it stood is in the words as they came. */
function splitWords(program: Command, words: readonly string[]): Words {
  const raw = (program as Command & { rawArgs: readonly string[] }).rawArgs;
  const dashes = raw.indexOf("--");
  if (dashes < 0) return { words };
  const command = raw.slice(dashes + 1);
  const before = words.slice(0, words.length - command.length);
  return { words: before.at(-1) === "--" ? before.slice(0, -1) : before, command };
}

async function startRun(context: ClientContext, words: Words, options: Options): Promise<void> {
  const { client, io, print, say } = context;
  const { request, what } = await requestOf(context, words, options);
  const preview = await client.call("POST /runs/preview", { body: request });
  if (options.dryRun) return print(preview, () => previewText(preview));
  if (!context.json) say(previewTitle(preview, what));
  const deed = preview.danger === "destructive" ? "This is destructive: run it" : "Run it";
  const confirmed = await confirmHosts(io, preview.hostCount, (hosts) => `${deed} on ${hosts}`, {
    needed: preview.needsConfirmation,
    ...(options.yesHosts === undefined ? {} : { yesHosts: options.yesHosts }),
  });
  const run = await client.call("POST /runs", {
    body: {
      ...request,
      planSha256: preview.planSha256,
      ...(confirmed === undefined ? {} : { confirmHostCount: confirmed }),
    },
    headers: { "idempotency-key": randomUUID() },
  });
  if (!context.json) sayWhetherItWaits(say, run);
  if (options.detach) return print(run, () => `${run.id}\n`);
  const ended = await followRun(context, run.id);
  if (ended === undefined) {
    say(`Run ${run.id} goes on by itself. See: omserver runs show ${run.id}`);
    return io.setExitCode(exitCodes.interrupted);
  }
  await printResults(context, ended);
  io.setExitCode(exitCodeOf(ended));
}

interface Asked {
  readonly request: RunRequest;
  /** What runs: a module's key and number. */
  readonly what: { readonly name: string; readonly number?: number };
}

async function requestOf(context: ClientContext, { words, command }: Words, options: Options): Promise<Asked> {
  const adHoc = { name: "Ad hoc" };
  const limits = limitsOf(options);
  if (command !== undefined || options.script !== undefined) {
    const query = options.query ?? words[0];
    const expected = options.query === undefined ? 1 : 0;
    if (query === undefined || words.length !== expected || (command !== undefined && options.script !== undefined)) {
      context.usage("Write: omserver run --query QUERY -- COMMAND …, or omserver run --query QUERY --script FILE");
    }
    if (command !== undefined) {
      if (command.length === 0) context.usage("No command stands behind “--”.");
      return { request: { ...limits, query, command: [...command] }, what: adHoc };
    }
    const text = await readText(context.io, options.script ?? "-");
    const interpreter = options.interpreter.split(/\s+/).filter(Boolean);
    return { request: { ...limits, query, script: { interpreter, text } }, what: adHoc };
  }
  const named = words.findIndex((word) => word.startsWith("-"));
  const names = named < 0 ? words : words.slice(0, named);
  const flagWords = named < 0 ? [] : words.slice(named);
  const [module, query = options.query, ...more] = names;
  if (
    module === undefined ||
    query === undefined ||
    more.length > 0 ||
    (options.query !== undefined && names.length > 1)
  ) {
    context.usage("Write: omserver run MODULE QUERY [--PARAMETER value …]. A query with spaces stands in quotes.");
  }
  const detail = await findModule(context, module);
  const flags = flagsOf(detail.parameters);
  const parameters = await collectParameters(context, flags, flagWords, options.param ?? []);
  const what = { name: `Module ${detail.key}`, number: detail.id };
  return { request: { ...limits, module: detail.id, query, parameters }, what };
}

function limitsOf({ width, waveSize, maxFailures, becomeUser, timeout, check }: Options): Omit<RunRequest, "query"> {
  return {
    ...(width === undefined ? {} : { width }),
    ...(waveSize === undefined ? {} : { waveSize }),
    ...(maxFailures === undefined ? {} : { maxFailures }),
    ...(becomeUser === undefined ? {} : { becomeUser }),
    ...(timeout === undefined ? {} : { timeoutMilliseconds: timeout }),
    ...(check === undefined ? {} : { check }),
  };
}

function previewTitle(preview: Preview, { name, number }: Asked["what"]): string {
  const as = preview.becomeUser === "" ? [] : [`as ${preview.becomeUser}`];
  const manner = [...(number === undefined ? [] : [number]), preview.danger, ...as].join(", ");
  const skipped = preview.skipped.map(({ hosts, reason }) => `Skipped: ${hosts}: ${reason}`);
  const dry = preview.check ? "Dry run: " : "";
  const title = `${dry}${name} (${manner}) on ${count(preview.hostCount, "host")}: ${preview.hosts}`;
  return [title, ...skipped, ...waitLines(preview), ...unusableLines(preview)].map(safeLine).join("\n");
}

function waitLines({ waitsFor }: Preview): string[] {
  return waitsFor.map((each) => `It ${waitsText([each])}`);
}

function unusableLines({ unusable }: Preview): string[] {
  return unusable.map(({ hosts, engine, reason, mend }) =>
    `Will not run: ${hosts}, by ${engine}: ${reason} ${mend}`.trim(),
  );
}

function previewText(preview: Preview): string {
  const tasks = preview.tasks.map(({ engine, text }) => `By ${engine}:\n${text.replace(/^/gm, "  ")}`);
  const confirmation = preview.needsConfirmation ? [`To confirm: --yes-hosts ${preview.hostCount}`] : [];
  const lines = [`${count(preview.hostCount, "host")}: ${preview.hosts}`, `Danger: ${preview.danger}`];
  if (preview.becomeUser !== "") lines.push(`As: ${preview.becomeUser}`);
  for (const { hosts, reason } of preview.skipped) lines.push(`Skipped: ${hosts}: ${reason}`);
  lines.push(...waitLines(preview), ...unusableLines(preview));
  if (preview.needsApproval) lines.push("It would wait for a second person before anything starts.");
  return `${safeText([...lines, ...tasks, ...confirmation].join("\n"), { colours: false })}\n`;
}
