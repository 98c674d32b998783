import type { Command } from "commander";
import type { CliIo } from "../io.ts";
import { addTokensCreate } from "./create.ts";
import { addTokensList } from "./list.ts";
import { addTokensRevoke } from "./revoke.ts";

export function addTokensCommands(program: Command, io: CliIo): void {
  const tokens = program.command("tokens").description("your API tokens");
  addTokensList(tokens, io);
  addTokensCreate(tokens, io);
  addTokensRevoke(tokens, io);
}
