import type { Command } from "commander";
import { startOmserver } from "../compose.ts";
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

async function start(options: StartCommandOptions): Promise<void> {
  const config = configOf(options);
  const log = createLog(config.logLevel);
  const stopped = untilStopped();
  const running = await startOmserver({ config, log, development: options.development === true });
  console.log(`OMServer is ready: ${running.publicUrl}`);
  const setupLink = await running.setupLink();
  if (setupLink !== undefined) {
    console.log(`Make the first administrator within 30 minutes, by this one-time link:\n  ${setupLink}`);
  }
  const signal = await stopped;
  log.info({ signal }, "stopping");
  await running.stop();
}
