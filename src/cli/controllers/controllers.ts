import type { Command } from "commander";
import type { CliIo } from "../io.ts";
import { addControllerDrain, addControllerUndrain } from "./drain.ts";
import { addControllerInvite } from "./invite.ts";
import { addControllerList } from "./list.ts";
import { addControllerRevoke } from "./revoke.ts";
import { addControllerShow } from "./show.ts";

/** Into `omserver controller`, which the program has already: without a subcommand it runs the controller. */
export function addControllerCommands(program: Command, io: CliIo): void {
  const group = program.commands.find((command) => command.name() === "controller") ?? program.command("controller");
  addControllerInvite(group, io);
  addControllerRevoke(group, io);
  addControllerList(group, io);
  addControllerShow(group, io);
  addControllerDrain(group, io);
  addControllerUndrain(group, io);
}
