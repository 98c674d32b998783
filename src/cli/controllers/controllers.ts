import type { Command } from "commander";
import type { CliIo } from "../io.ts";
import { addControllerInvite } from "./invite.ts";
import { addControllerRevoke } from "./revoke.ts";

/** Into `omserver controller`, which the program has already: without a subcommand it runs the controller. */
export function addControllerCommands(program: Command, io: CliIo): void {
  const group = program.commands.find((command) => command.name() === "controller") ?? program.command("controller");
  addControllerInvite(group, io);
  addControllerRevoke(group, io);
}
