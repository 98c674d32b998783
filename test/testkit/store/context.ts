import type { DatabaseConfig, StoreOptions } from "../../../src/web/store/database-config.ts";
import type { Store } from "../../../src/web/store/store.ts";

/** What a suite of the store gets: a store on an empty database of its own, on one of the three. */
export interface StoreContext {
  readonly config: DatabaseConfig;
  readonly store: Store;
  /** Another empty database of the same kind. */
  createDatabase(): Promise<DatabaseConfig>;
  /** The same database, opened as a second web server would; closed after the suite. */
  openAgain(options?: StoreOptions): Promise<Store>;
}

export type StoreSuite = (context: () => StoreContext, kind: DatabaseConfig["kind"]) => void;
