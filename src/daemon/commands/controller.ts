import { type Command, InvalidArgumentError } from "commander";
import { readConfig } from "../config.ts";
import { enrol, startControllerRole } from "../controller-role.ts";
import { createLog } from "../log.ts";
import { untilStopped } from "../until-stopped.ts";

interface FolderOptions {
  readonly config?: string;
  readonly data?: string;
}

interface EnrolOptions extends FolderOptions {
  readonly server: string[];
  readonly token: string;
  readonly caSha256: string;
}

/** `omserver controller` runs the role; `omserver controller enrol` makes this machine one. Both on the controller's machine. */
export function addControllerRole(program: Command): void {
  const group = withFolderOptions(program.command("controller"))
    .description("run the controller of this machine; its subcommands look after controllers")
    .action(start)
    .enablePositionalOptions();
  withFolderOptions(group.command("enrol"))
    .description("make this machine a controller, by the line that “omserver controller invite” printed")
    .requiredOption("--server <url>", "a web server's link, https://host:port; again for each further one", addServer)
    .requiredOption("--token <token>", "of the invitation; works once")
    .requiredOption("--ca-sha256 <hash>", "of the web server's certificate authority, as the invitation has it", hash)
    .action(makeController);
}

function withFolderOptions(command: Command): Command {
  return command
    .option("--config <file>", "YAML file of settings (OMSERVER_CONFIG)")
    .option("--data <folder>", "data folder (OMSERVER_DATA)");
}

async function start(options: FolderOptions): Promise<void> {
  const config = readConfig(process.env, options.config, { dataFolder: options.data });
  const log = createLog(config.logLevel);
  const stopped = untilStopped();
  const running = await startControllerRole({ config, log });
  console.log(`Controller “${running.name}” is ready and dials ${running.servers.join(", ")}`);
  const signal = await stopped;
  log.info({ signal }, "stopping");
  await running.stop();
}

async function makeController({ server, token, caSha256, ...options }: EnrolOptions): Promise<void> {
  const config = readConfig(process.env, options.config, { dataFolder: options.data });
  const name = await enrol(config, { servers: server, token, authoritySha256: caSha256 });
  console.log(`This machine is the controller “${name}” now. Start it: omserver controller`);
}

function addServer(text: string, before: string[] | undefined): string[] {
  if (!URL.canParse(text) || new URL(text).protocol !== "https:") {
    throw new InvalidArgumentError("It must be https://host:port.");
  }
  return [...(before ?? []), new URL(text).origin];
}

function hash(text: string): string {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("It must be 64 hexadecimal digits.");
}
