import type { Command } from "commander";
import type { CliIo } from "../io.ts";
import { addKeysChange } from "./change.ts";
import { addKeysList } from "./list.ts";

export function addKeysCommands(program: Command, io: CliIo): void {
  const keys = program
    .command("keys")
    .description("keys of hosts that ask to join an engine's own system (Salt's minions)");
  addKeysList(keys, io);
  for (const action of ["accept", "reject", "delete"] as const) addKeysChange(keys, io, action);
}
