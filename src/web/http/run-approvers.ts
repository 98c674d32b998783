import { permissionsOf, scopeOf } from "../access/permissions.ts";
import type { Run } from "../store/repositories/runs.ts";
import type { Store } from "../store/store.ts";
import { waitsFor } from "./run-approvals.ts";
import type { Who } from "./who.ts";

const mostNames = 50;

/**
 * Names of those who may be the second person of a run that waits for one, as users stand now: in order, at most fifty.
 * Told to whoever may see all users; undefined for others, and for a run that waits for nobody.
 */
export async function approversOf(
  store: Pick<Store, "inventory" | "runs" | "users">,
  who: Who,
  run: Run,
): Promise<string[] | undefined> {
  if (run.state !== "awaiting_approval" || !who.permissions.has("users.manage")) return undefined;
  const snapshot = await store.inventory.snapshot();
  const seen = new Map<string, boolean>();
  const names: string[] = [];
  const users = [...(await store.users.list())].sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const user of users) {
    if (names.length === mostNames) break;
    const permissions = permissionsOf(user.role, user.scope);
    if (!waitsFor({ user, permissions, tokenId: 0, by: "session" }, run)) continue;
    const scope = scopeOf(user, snapshot);
    // Many users share a scope: each is asked for once.
    const key = String(scope);
    const sees = seen.get(key) ?? (await store.runs.get(run.id, scope)) !== undefined;
    seen.set(key, sees);
    if (sees) names.push(user.name);
  }
  return names;
}
