import type { Command } from "commander";
import { addAuditCommands } from "./audit/audit.ts";
import { addCompletionCommands } from "./completion.ts";
import { addControllerCommands } from "./controllers/controllers.ts";
import { addEnginesCommand } from "./controllers/engines.ts";
import { addCredentialsCommands } from "./credentials/credentials.ts";
import { addHostsCommands } from "./hosts/hosts.ts";
import { addImportCommands } from "./import/import.ts";
import { type CliIo, processIo } from "./io.ts";
import { addKeysCommands } from "./keys/keys.ts";
import { addLoginCommand } from "./login.ts";
import { addLogoutCommand } from "./logout.ts";
import { addModulesCommands } from "./modules/modules.ts";
import { addOrderKeysCommands } from "./order-keys/order-keys.ts";
import { addRunCommand } from "./runs/run.ts";
import { addRunsCommands } from "./runs/runs.ts";
import { addSettingsCommands } from "./settings/settings.ts";
import { addTokensCommands } from "./tokens/tokens.ts";
import { addUsersCommands } from "./users/users.ts";

/**
 * Adds the commands that are clients of a server's public API. Their errors are told and become an exit code (see
 * docs/cli.md); only wrong usage leaves as commander's own error.
 */
export function addClientCommands(program: Command, io: CliIo = processIo()): void {
  addLoginCommand(program, io);
  addLogoutCommand(program, io);
  addRunCommand(program, io);
  addRunsCommands(program, io);
  addHostsCommands(program, io);
  addImportCommands(program, io);
  addModulesCommands(program, io);
  addAuditCommands(program, io);
  addUsersCommands(program, io);
  addTokensCommands(program, io);
  addCredentialsCommands(program, io);
  addControllerCommands(program, io);
  addOrderKeysCommands(program, io);
  addEnginesCommand(program, io);
  addKeysCommands(program, io);
  addSettingsCommands(program, io);
  addCompletionCommands(program, io);
}
