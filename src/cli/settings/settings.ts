import type { Command } from "commander";
import type { CliIo } from "../io.ts";
import { addSettingsList } from "./list.ts";
import { addSettingsSet } from "./set.ts";

export function addSettingsCommands(program: Command, io: CliIo): void {
  const settings = program.command("settings").description("what shapes every run; for administrators");
  addSettingsList(settings, io);
  addSettingsSet(settings, io);
}
