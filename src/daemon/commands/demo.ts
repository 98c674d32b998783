import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { createClient } from "../../contract/http/client.ts";
import { createApiToken, createSignInLink } from "../../web/http/sign-in-links.ts";
import { type Running, startOmserver } from "../compose.ts";
import { type Config, packageFolder, readConfig } from "../config.ts";
import { demonstrate } from "../demo/demonstrate.ts";
import { startFleet } from "../demo/fleet.ts";
import { createLog } from "../log.ts";
import { untilStopped } from "../until-stopped.ts";
import { takeDemoFolder } from "./demo-folder.ts";

interface DemoOptions {
  readonly hosts: number;
  readonly once?: boolean;
  readonly listen: string;
  readonly data: string;
}

export function addDemoCommand(program: Command): void {
  program
    .command("demo")
    .description("start with a fleet of real SSH servers on loopback, and run two modules over it")
    .option("--hosts <number>", "how many hosts, up to 2000", hostNumber, 24)
    .option("--once", "end after the runs: exit code 0 when every host answered")
    .option("--listen <address:port>", "where the web server listens", "127.0.0.1:7070")
    .option("--data <folder>", "data folder; emptied at the start", join(packageFolder, "data", "demo"))
    .action(demo);
}

async function demo(options: DemoOptions): Promise<void> {
  const stopped = untilStopped();
  const folder = resolve(options.data);
  const config = readConfig({}, undefined, {
    dataFolder: folder,
    listen: options.listen,
    logLevel: "warn",
    knownHostsFile: join(folder, "known_hosts"),
  });
  const mark = takeDemoFolder(folder);
  try {
    await runDemo(options, config, stopped);
  } finally {
    mark.release();
  }
}

async function runDemo(options: DemoOptions, config: Config, stopped: Promise<unknown>): Promise<void> {
  const folder = config.dataFolder;
  say(`Starting ${options.hosts} SSH servers on loopback …`);
  const fleet = await startFleet({
    hosts: options.hosts,
    folder: join(folder, "fleet"),
    onProgress: (listening) => progress("SSH servers", listening, options.hosts),
  });
  let running: Running | undefined;
  try {
    writeFileSync(join(folder, "known_hosts"), `${fleet.knownHostsLines.join("\n")}\n`, { mode: 0o600 });
    running = await startOmserver({ config, log: createLog(config.logLevel) });
    const administrator = await running.store.users.create({
      name: "demo",
      role: "administrator",
      scope: { everything: true, functionCategories: [], appCategories: [] },
      passwordHash: "",
    });
    const client = createClient({
      baseUrl: running.url,
      token: await createApiToken(running.store, administrator.id, "demo"),
    });
    const everyHostAnswered = await demonstrate({ client, fleet, say, progress });
    if (options.once === true) {
      process.exitCode = everyHostAnswered ? 0 : 1;
      return;
    }
    const link = await createSignInLink(running.store, administrator.id, running.url);
    console.log(
      `\nThe console: ${running.url}\nSign in once, within 30 minutes: ${link.url}\nCtrl-C ends OMServer and the fleet.`,
    );
    await stopped;
  } finally {
    await running?.stop();
    await fleet.stop();
  }
}

function hostNumber(text: string): number {
  const hosts = Number(text);
  if (!Number.isInteger(hosts) || hosts < 1 || hosts > 2000)
    throw new InvalidArgumentError("It must be a whole number from 1 to 2000.");
  return hosts;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** One line that counts on a terminal; nothing where nobody watches. */
function progress(what: string, done: number, of: number): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r\u001b[K${what}: ${done} of ${of}${done === of ? "\n" : ""}`);
}
