import { OmError } from "../../contract/errors.ts";
import { naturalKey } from "../../contract/host-range.ts";
import { reasonText } from "../../contract/reasons.ts";
import { scopeOf } from "../access/permissions.ts";
import { matchHosts, parseQuery, runSelectionStates, runSelectionsIn } from "../plan/query.ts";
import type { RunSelection } from "../plan/query-ast.ts";
import { unknownRun } from "../plan/query-unknown.ts";
import { inventoryInScope } from "../plan/scope.ts";
import type { AppCategory, FunctionCategory, Host, InventorySnapshot } from "../store/repositories/inventory.ts";
import type { Run, Scope } from "../store/repositories/runs.ts";
import type { Store } from "../store/store.ts";
import type { Who } from "./who.ts";

/** The part of the inventory that somebody may see. What lies outside of it does not exist for them. */
export interface VisibleInventory {
  readonly scope: Scope;
  readonly hosts: readonly Host[];
  readonly functionCategories: readonly FunctionCategory[];
  readonly appCategories: readonly AppCategory[];
}

type Snapshots = Pick<Store, "inventory">;
type Runs = Pick<Store, "inventory" | "runs" | "retention">;

/** Hosts are in natural order of their names. */
export async function visibleInventory(store: Snapshots, who: Who): Promise<VisibleInventory> {
  const snapshot = await store.inventory.snapshot();
  const scope = scopeOf(who.user, snapshot);
  return { scope, ...inventoryInScope({ ...snapshot, hosts: hostsByName(snapshot) }, scope) };
}

const sorted = new WeakMap<InventorySnapshot, readonly Host[]>();

/** Sorted once a snapshot: sorting 100,000 names takes longer than matching them. */
function hostsByName(snapshot: InventorySnapshot): readonly Host[] {
  const known = sorted.get(snapshot);
  if (known !== undefined) return known;
  const hosts = snapshot.hosts
    .map((host) => ({ host, key: naturalKey(host.name) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.host.id - b.host.id))
    .map(({ host }) => host);
  sorted.set(snapshot, hosts);
  return hosts;
}

/** `request.not_found` also for a host outside of the scope: nobody learns that it exists. */
export async function visibleHost(store: Snapshots, who: Who, id: number): Promise<Host> {
  const { hosts } = await visibleInventory(store, who);
  return hosts.find((host) => host.id === id) ?? missing("host", id);
}

/** The scope in which the store answers for this user. */
export async function scopeFor(store: Snapshots, who: Who): Promise<Scope> {
  return scopeOf(who.user, await store.inventory.snapshot());
}

/** `request.not_found` also for a run with a host outside of the scope; of a number that may have been deleted it says so. */
export async function visibleRun(store: Runs, who: Who, id: number): Promise<Run> {
  const run = await store.runs.get(id, await scopeFor(store, who));
  if (run !== undefined) return run;
  if (id > (await store.retention.hiddenUpTo())) return missing("run", id);
  throw new OmError("request.not_found", reasonText("run_deleted", { id }));
}

export interface Selection {
  readonly hosts: readonly Host[];
  readonly inventory: VisibleInventory;
}

/**
 * The hosts of the scope that a query matches, in natural order; the empty query matches all of them. `disabled`: a
 * list of the inventory shows them (`match`), a run leaves them out unless the query asks for them.
 * A run that the query names must be visible, like everything else in it (`query.unknown_name`).
 */
export async function selectHosts(
  store: Runs,
  who: Who,
  text: string,
  disabled: "leave_out" | "match",
): Promise<Selection> {
  const inventory = await visibleInventory(store, who);
  if (text.trim() === "") {
    const hosts = disabled === "match" ? inventory.hosts : inventory.hosts.filter(({ enabled }) => enabled);
    return { hosts, inventory };
  }
  const query = parseQuery(text);
  const named = new Map<string, ReadonlySet<number>>();
  for (const term of runSelectionsIn(query)) {
    const { runId, selection } = term;
    if ((await store.runs.get(runId, inventory.scope)) === undefined) {
      throw unknownRun(text, term, runId <= (await store.retention.hiddenUpTo()));
    }
    const hosts = await store.runs.hostsByState(runId, runSelectionStates[selection]);
    named.set(`${selection} ${runId}`, new Set(hosts));
  }
  const hostsOf = (runId: number, selection: RunSelection) => named.get(`${selection} ${runId}`) ?? new Set<number>();
  const context = { failedHosts: (runId: number) => hostsOf(runId, "failed"), runHosts: hostsOf, disabled };
  return { hosts: matchHosts(query, inventory, context), inventory };
}

type Missing =
  | "host"
  | "run"
  | "module"
  | "user"
  | "file"
  | "token"
  | "credential"
  | "controller"
  | "function_category"
  | "app_category";

export function missing(what: Missing, id: number | string): never {
  throw new OmError("request.not_found", reasonText(`missing_${what}`, { id }));
}
