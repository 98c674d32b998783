import type { Command } from "commander";
import type { CliIo } from "../io.ts";
import { addImportOmserverV1 } from "./omserver-v1.ts";

export function addImportCommands(program: Command, io: CliIo): void {
  const group = program.command("import").description("take over what another system holds");
  addImportOmserverV1(group, io);
}
