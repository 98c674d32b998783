import type { ModuleManifest } from "../../../contract/module.ts";
import type { ImportedHost } from "./inventory.ts";

/** What is taken over from the first OMServer, checked and compared with what is here. */
export interface FirstOmserverImport {
  readonly functionCategories: readonly string[];
  readonly appCategories: readonly { readonly functionCategory: string; readonly appCategory: string }[];
  readonly hosts: readonly ImportedHost[];
  readonly newModules: readonly Omit<ModuleManifest, "id">[];
  readonly changedModules: readonly {
    readonly id: number;
    readonly version: number;
    readonly manifest: ModuleManifest;
  }[];
  readonly commands: readonly {
    /** Tells it from every other; at most 40 characters. */
    readonly identity: string;
    readonly address: string;
    readonly hostName: string;
    readonly loginUser: string;
    readonly typedAt: number;
    readonly receivedAt: number;
    readonly command: string;
  }[];
}

export interface FirstOmserverRepository {
  /** Those of these commands that are here already. */
  knownCommands(identities: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Writes all of it or nothing, in one transaction. `store.conflict` when a module has changed since, `inventory.duplicate`
   * when a name was taken since. A command that is here already is left alone.
   */
  apply(content: FirstOmserverImport, by: string): Promise<void>;
}
