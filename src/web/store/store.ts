import type { AuditRepository } from "./repositories/audit.ts";
import type { ControllerRepository } from "./repositories/controllers.ts";
import type { CredentialRepository } from "./repositories/credentials.ts";
import type { EnrolmentRepository } from "./repositories/enrolments.ts";
import type { FirstOmserverRepository } from "./repositories/first-omserver.ts";
import type { InventoryRepository } from "./repositories/inventory.ts";
import type { FileRepository } from "./repositories/library.ts";
import type { ModuleRepository } from "./repositories/modules.ts";
import type { RetentionRepository } from "./repositories/retention.ts";
import type { RunRepository } from "./repositories/runs.ts";
import type { SavedViewRepository } from "./repositories/saved-views.ts";
import type { SettingsRepository } from "./repositories/settings.ts";
import type { ShellCommandRepository } from "./repositories/shell-commands.ts";
import type { UserRepository } from "./repositories/users.ts";

/**
 * What the web server keeps. One method is one intention; each is one transaction and is durable when its promise
 * resolves. The same on SQLite, MySQL/MariaDB and PostgreSQL. Times are milliseconds since 1970 (numbers).
 * Errors: `store.unavailable` when the database does not answer; `inventory.duplicate`, `inventory.in_use`,
 * `store.conflict` as named below.
 */
export interface Store {
  readonly inventory: InventoryRepository;
  readonly controllers: ControllerRepository;
  readonly enrolments: EnrolmentRepository;
  readonly modules: ModuleRepository;
  readonly runs: RunRepository;
  readonly retention: RetentionRepository;
  readonly users: UserRepository;
  readonly savedViews: SavedViewRepository;
  readonly audit: AuditRepository;
  readonly shellCommands: ShellCommandRepository;
  readonly files: FileRepository;
  readonly credentials: CredentialRepository;
  readonly settings: SettingsRepository;
  readonly firstOmserver: FirstOmserverRepository;
  close(): Promise<void>;
}
