import type { Command } from "commander";
import type { CliIo } from "../io.ts";
import { addCredentialsList } from "./list.ts";
import { addCredentialsPut } from "./put.ts";
import { addCredentialsRemove } from "./remove.ts";

export function addCredentialsCommands(program: Command, io: CliIo): void {
  const credentials = program.command("credentials").description("the ways into hosts; their secrets are write-only");
  addCredentialsList(credentials, io);
  addCredentialsPut(credentials, io);
  addCredentialsRemove(credentials, io);
}
