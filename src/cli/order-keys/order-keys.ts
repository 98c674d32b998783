import type { Command } from "commander";
import type { CliIo } from "../io.ts";
import { addOrderKeysRotate } from "./rotate.ts";

export function addOrderKeysCommands(program: Command, io: CliIo): void {
  const keys = program.command("order-keys").description("the keys with which the web server signs orders");
  addOrderKeysRotate(keys, io);
}
