import type { EngineId } from "../../../contract/engine.ts";
import type { HostFacts } from "./executions.ts";

export interface FunctionCategory {
  readonly id: number;
  readonly name: string;
  /** Of its hosts, unless they or their app category name one; empty for the default zone. */
  readonly zone: string;
}

export interface AppCategory {
  readonly id: number;
  readonly functionCategoryId: number;
  readonly name: string;
  /** Of its hosts that name none; empty for that of its function category. */
  readonly zone: string;
}

export interface Host {
  readonly id: number;
  /** Unique in the inventory. */
  readonly name: string;
  readonly appCategoryId: number;
  /** Reached from outside; empty when there is none. */
  readonly outerAddress: string;
  /** The address that the controller connects to; empty means: use the outer one. */
  readonly innerAddress: string;
  readonly port: number;
  /** Free text such as `Debian 12`; `os=Debian*` matches it. */
  readonly os: string;
  /** In order of preference: a run takes the first that can be used and has an implementation of its module. */
  readonly engines: readonly EngineId[];
  readonly user: string;
  /** Credential name; empty is the controller's default. */
  readonly credential: string;
  /** `user@address:port` list, outermost first, comma-separated; empty for none. */
  readonly proxyJump: string;
  readonly tags: readonly string[];
  readonly enabled: boolean;
  readonly note: string;
  /** Its controllers drive the host; empty for that of its category. */
  readonly zone: string;
  /** Keeps what it runs until that is told, so that it is found again after a crash. False: nothing is left there. */
  readonly claim: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type NewHost = Omit<Host, "id" | "createdAt" | "updatedAt" | "zone" | "claim"> & {
  readonly zone?: string;
  /** True where left out. */
  readonly claim?: boolean;
};
export type HostChange = Partial<NewHost>;

/** For several hosts: tags that each of them gets or loses, besides what it carries. */
export type HostsChange = HostChange & {
  readonly addTags?: readonly string[];
  readonly removeTags?: readonly string[];
};

/** Everything, for matching queries in memory. Immutable; a change makes a new one. Hosts are sorted by id. */
export interface InventorySnapshot {
  readonly version: number;
  readonly functionCategories: readonly FunctionCategory[];
  readonly appCategories: readonly AppCategory[];
  readonly hosts: readonly Host[];
}

/** An import row whose category is named by path. */
export interface ImportedHost extends Omit<NewHost, "appCategoryId"> {
  readonly functionCategory: string;
  readonly appCategory: string;
}

export interface InventoryRepository {
  /** Cheap when nothing changed (one version read); safe against changes by another web server. */
  snapshot(): Promise<InventorySnapshot>;
  /** `inventory.duplicate` when the name is taken at that level. */
  createFunctionCategory(name: string, zone?: string): Promise<FunctionCategory>;
  changeFunctionCategory(id: number, change: { name?: string; zone?: string }): Promise<void>;
  /** `inventory.in_use` while it has app categories. */
  deleteFunctionCategory(id: number): Promise<void>;
  createAppCategory(functionCategoryId: number, name: string, zone?: string): Promise<AppCategory>;
  changeAppCategory(id: number, change: { name?: string; functionCategoryId?: number; zone?: string }): Promise<void>;
  /** `inventory.in_use` while it has hosts. */
  deleteAppCategory(id: number): Promise<void>;
  createHost(host: NewHost): Promise<Host>;
  /**
   * All or nothing. Undefined fields stay. Tags are added to and removed from what a host carries at that moment, so two
   * who tag the same hosts at once lose nothing of each other.
   */
  changeHosts(ids: readonly number[], change: HostsChange): Promise<void>;
  /** All or nothing. Runs keep their frozen copy of name and address. */
  deleteHosts(ids: readonly number[]): Promise<void>;
  /** Adds the categories and hosts, changes those whose name exists; all or nothing, in bulk (100,000 in seconds). */
  importHosts(hosts: readonly ImportedHost[]): Promise<{ added: number; changed: number }>;
  /** What was last learnt of a host; undefined when nothing ever was. */
  facts(hostId: number): Promise<HostFacts | undefined>;
  /** What an import learnt of hosts, by their names; replaces what was known of them. Unknown names are left out. */
  learnFacts(facts: ReadonlyMap<string, HostFacts["facts"]>): Promise<void>;
}
