import { Command, CommanderError } from "commander";
import { addClientCommands } from "../cli/client-commands.ts";
import { OmError } from "../contract/errors.ts";
import { addBackupCommands } from "./commands/backup.ts";
import { addControllerRole } from "./commands/controller.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addSignInLinkCommand } from "./commands/sign-in-link.ts";
import { addStartCommand, addWebCommand } from "./commands/start.ts";
import { systemErrorText } from "./system-errors.ts";
import { version } from "./version.ts";

/**
 * The program `omserver`: server commands of this folder and client commands of src/cli.
 * Gives the exit code: 0 done, 1 failed, 2 wrong usage; docs/cli.md lists what single commands add.
 * No stack trace reaches a user: an error of the catalogue is its message, any other its first line. With `--json`,
 * which may stand before the command too, wrong usage is a JSON object on stderr like every other refusal.
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const words = withJsonBehind(argv);
  const json = ownWords(argv).includes("--json");
  const program = new Command("omserver")
    .description("Run tasks on a whole fleet of Linux servers: safely, audited and fast.")
    .version(version)
    // Or an option behind a subcommand would be taken for one of the command before it (`controller enrol --data`).
    .enablePositionalOptions()
    .showHelpAfterError("(add --help for the options)")
    .exitOverride();
  if (json) program.showHelpAfterError(false).configureOutput({ writeErr: () => undefined });
  addStartCommand(program);
  addWebCommand(program);
  addControllerRole(program);
  addDemoCommand(program);
  addBackupCommands(program);
  addSignInLinkCommand(program);
  addClientCommands(program);
  try {
    await program.parseAsync([...words]);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) {
      if (json && error.exitCode !== 0) tellJson(usageError(error));
      return error.exitCode === 0 ? 0 : 2;
    }
    if (json) tellJson(error instanceof OmError ? error : new OmError("internal.error", messageOf(error)));
    else console.error(`omserver: ${messageOf(error)}`);
    if (process.env.OMSERVER_LOG_LEVEL === "debug") console.error(error);
    return 1;
  }
}

/** What OMServer itself reads: behind `--` stands a command for hosts. */
function ownWords(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  return end < 0 ? argv : argv.slice(0, end);
}

/** `omserver --json hosts list` is `omserver hosts list --json`. */
function withJsonBehind(argv: readonly string[]): readonly string[] {
  const [node = "", script = "", first, ...rest] = argv;
  if (first !== "--json") return argv;
  if (rest.length === 0) return [node, script];
  const own = ownWords(rest);
  return [node, script, ...own, "--json", ...rest.slice(own.length)];
}

function usageError({ code, message }: CommanderError): OmError {
  const text = code === "commander.help" ? "A command is missing. See: omserver --help" : message;
  return new OmError("request.invalid", text.replace(/^error: /, ""));
}

/** As client commands tell what the server refuses. */
function tellJson({ code, message, problems }: OmError): void {
  console.error(JSON.stringify({ code, message, problems }));
}

function messageOf(error: unknown): string {
  if (error instanceof OmError) {
    const problems = error.problems.map((problem) => `\n  ${problem.place}: ${problem.message}`);
    return `${error.message}${problems.length > 1 ? problems.join("") : ""}`;
  }
  if (!(error instanceof Error)) return String(error);
  return systemErrorText(error) ?? `${error.message} (set OMSERVER_LOG_LEVEL=debug for the details)`;
}
