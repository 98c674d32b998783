import { Command, CommanderError } from "commander";
import { addClientCommands } from "../cli/client-commands.ts";
import { OmError } from "../contract/errors.ts";
import { addBackupCommands } from "./commands/backup.ts";
import { addControllerRole } from "./commands/controller.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addSignInLinkCommand } from "./commands/sign-in-link.ts";
import { addStartCommand, addWebCommand } from "./commands/start.ts";
import { version } from "./version.ts";

/**
 * The program `omserver`: server commands of this folder and client commands of src/cli.
 * Gives the exit code: 0 done, 1 failed, 2 wrong usage; docs/cli.md lists what single commands add.
 * No stack trace reaches a user: an error of the catalogue is its message, any other its first line.
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const program = new Command("omserver")
    .description("Run tasks on a whole fleet of Linux servers: safely, audited and fast.")
    .version(version)
    // Or an option behind a subcommand would be taken for one of the command before it (`controller enrol --data`).
    .enablePositionalOptions()
    .showHelpAfterError("(add --help for the options)")
    .exitOverride();
  addStartCommand(program);
  addWebCommand(program);
  addControllerRole(program);
  addDemoCommand(program);
  addBackupCommands(program);
  addSignInLinkCommand(program);
  addClientCommands(program);
  try {
    await program.parseAsync([...argv]);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    console.error(`omserver: ${messageOf(error)}`);
    if (process.env.OMSERVER_LOG_LEVEL === "debug") console.error(error);
    return 1;
  }
}

function messageOf(error: unknown): string {
  if (error instanceof OmError) {
    const problems = error.problems.map((problem) => `\n  ${problem.place}: ${problem.message}`);
    return `${error.message}${problems.length > 1 ? problems.join("") : ""}`;
  }
  if (!(error instanceof Error)) return String(error);
  if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
    return `The address is in use: ${error.message}. Another OMServer may be running; choose another with --listen ADDRESS:PORT.`;
  }
  return `${error.message} (set OMSERVER_LOG_LEVEL=debug for the details)`;
}
