import type { Command } from "commander";
import type { CliIo } from "../io.ts";
import { addModulesAdd } from "./add.ts";
import { addModulesExport } from "./export.ts";
import { addModulesImport } from "./import.ts";
import { addModulesList } from "./list.ts";
import { addModulesShow } from "./show.ts";

export function addModulesCommands(program: Command, io: CliIo): void {
  const modules = program.command("modules").description("the catalogue of modules");
  addModulesList(modules, io);
  addModulesShow(modules, io);
  addModulesAdd(modules, io);
  addModulesExport(modules, io);
  addModulesImport(modules, io);
}
