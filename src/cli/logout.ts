import type { Command } from "commander";
import { OmError } from "../contract/errors.ts";
import { createClient } from "../contract/http/client.ts";
import { reportErrors } from "./client-command.ts";
import type { CliIo } from "./io.ts";
import { readSettings, settingsPath, writeSettings } from "./settings-file.ts";

export function addLogoutCommand(program: Command, io: CliIo): void {
  const command = program
    .command("logout")
    .description("revoke the token that login keeps, and forget it")
    .option("--json", "print the result as JSON");
  command.action(() => {
    const json = command.opts<{ readonly json?: boolean }>().json === true;
    return reportErrors(io, json, () => logout(io, json));
  });
}

async function logout(io: CliIo, json: boolean): Promise<void> {
  const path = settingsPath(io.environment);
  const { server, token } = readSettings(path);
  if (server === undefined || token === undefined) {
    throw new OmError("access.not_signed_in", "There is no token to forget: nobody is signed in here.");
  }
  try {
    await createClient({ baseUrl: server, token }).call("DELETE /session", {});
  } catch (error) {
    if (!(error instanceof OmError) || error.code !== "access.not_signed_in") throw error;
  }
  writeSettings(path, { server });
  await io.out(json ? `${JSON.stringify({ server })}\n` : `Signed out of ${server}.\n`);
}
