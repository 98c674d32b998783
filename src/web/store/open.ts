import { createAudit } from "./audit.ts";
import { createControllers } from "./controllers.ts";
import { createCredentials } from "./credentials.ts";
import { connect } from "./database.ts";
import type { DatabaseConfig, StoreOptions } from "./database-config.ts";
import { createEnrolments } from "./enrolments.ts";
import { createFiles } from "./files.ts";
import { createFirstOmserver } from "./first-omserver.ts";
import { createInventory } from "./inventory.ts";
import { migrate } from "./migrate.ts";
import { createModules } from "./modules.ts";
import { createRetention } from "./retention.ts";
import { createRuns } from "./runs.ts";
import { createSavedViews } from "./saved-views.ts";
import { createSettings } from "./settings.ts";
import { createShellCommands } from "./shell-commands.ts";
import type { Store } from "./store.ts";
import { createUsers } from "./users.ts";

/**
 * Opens the store and brings its tables to this program's version. Several web servers may share a MySQL or PostgreSQL
 * database; a SQLite file belongs to one. `store.unavailable` when the database does not answer or is a newer one.
 */
export async function openStore(config: DatabaseConfig, options: StoreOptions = {}): Promise<Store> {
  const database = connect(config, options);
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return {
    inventory: createInventory(database),
    controllers: createControllers(database),
    enrolments: createEnrolments(database),
    modules: createModules(database),
    runs: createRuns(database),
    retention: createRetention(database),
    users: createUsers(database),
    savedViews: createSavedViews(database),
    audit: createAudit(database),
    shellCommands: createShellCommands(database),
    files: createFiles(database),
    credentials: createCredentials(database),
    settings: createSettings(database),
    firstOmserver: createFirstOmserver(database),
    close: () => database.close(),
  };
}
