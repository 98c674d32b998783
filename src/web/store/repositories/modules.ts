import type { ModuleManifest } from "../../../contract/module.ts";

export interface StoredModule {
  readonly id: number;
  readonly key: string;
  readonly version: number;
  readonly manifest: ModuleManifest;
  /** SHA-256, hex, of the canonical JSON of the manifest. */
  readonly sha256: string;
  readonly builtIn: boolean;
  readonly enabled: boolean;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

export interface ModuleRepository {
  /** Newest version of each, by id. */
  list(): Promise<readonly StoredModule[]>;
  get(id: number): Promise<StoredModule | undefined>;
  getVersion(id: number, version: number): Promise<StoredModule | undefined>;
  /** Newest first. */
  versions(id: number): Promise<readonly StoredModule[]>;
  /** Id is the highest + 1, at least 2001; the stored manifest carries it. `inventory.duplicate` when the key is taken. */
  create(manifest: Omit<ModuleManifest, "id">, by: string): Promise<StoredModule>;
  /** Adds a version; nothing happens when the content is the same. `store.conflict` when `expectedVersion` is not the newest. */
  addVersion(id: number, manifest: ModuleManifest, expectedVersion: number, by: string): Promise<StoredModule>;
  setEnabled(id: number, enabled: boolean): Promise<void>;
  /** Inserts or updates the built-in ones (start-up); idempotent, also when two web servers start at once. */
  syncBuiltIn(manifests: readonly ModuleManifest[]): Promise<void>;
}
