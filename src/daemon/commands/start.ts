import type { Command } from "commander";
import { type StartOptions, startOmserver } from "../compose.ts";
import { createLog } from "../log.ts";
import { untilStopped } from "../until-stopped.ts";
import { type ConfigOptions, configOf, withConfigOptions } from "./options.ts";

interface StartCommandOptions extends ConfigOptions {
  readonly development?: boolean;
}

export function addStartCommand(program: Command): void {
  withConfigOptions(program.command("start"))
    .description("start web server and controller in this process")
    .option("--development", "answer with timings and SQL statements, for people who work on OMServer itself")
    .action(start);
}

/** Where controllers connect when nothing else is said: a web server without any would reach no host. */
const webLinkListen = { address: "0.0.0.0", port: 7443 };

export function addWebCommand(program: Command): void {
  withConfigOptions(program.command("web"))
    .description("start the web server alone; controllers on other machines connect to it")
    .action((options: StartCommandOptions) => {
      const config = configOf(options);
      return run({ config: { linkListen: webLinkListen, ...config }, role: "web" });
    });
}

function start(options: StartCommandOptions): Promise<void> {
  return run({ config: configOf(options), development: options.development === true });
}

async function run(options: Omit<StartOptions, "log">): Promise<void> {
  const log = createLog(options.config.logLevel);
  const stopped = untilStopped();
  const running = await startOmserver({ ...options, log });
  console.log(`OMServer is ready: ${running.publicUrl}`);
  const setupLink = await running.setupLink();
  if (setupLink !== undefined) {
    console.log(`Make the first administrator within 30 minutes, by this one-time link:\n  ${setupLink}`);
  }
  const signal = await stopped;
  log.info({ signal }, "stopping");
  await running.stop();
}
