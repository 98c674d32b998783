import type { Permission } from "../../contract/http/route.ts";
import { permissions } from "../../contract/http/route.ts";
import type { Danger } from "../../contract/module.ts";

/** Who may do what. Pure: the answer comes from the user's record alone. */

export type Role = "administrator" | "operator" | "viewer";

export interface AccessUser {
  readonly role: Role;
  readonly enabled: boolean;
  readonly scope: {
    readonly everything: boolean;
    readonly functionCategories: readonly number[];
    readonly appCategories: readonly number[];
  };
}

const reading = ["public", "self", "inventory.read", "modules.read", "files.read", "runs.read"] as const;

/** All that a host's own token may. */
export const hostPermissions: ReadonlySet<Permission> = new Set<Permission>(["hosts.report"]);

const byRole: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  administrator: new Set(permissions.filter((permission) => !hostPermissions.has(permission))),
  operator: new Set<Permission>([...reading, "runs.start", "files.write"]),
  viewer: new Set<Permission>(reading),
};

/** The audit names hosts of the whole fleet, and an ad-hoc command is reviewed by nobody: only for who sees everything. */
const unscoped: Readonly<Record<Role, readonly Permission[]>> = {
  administrator: [],
  operator: ["audit.read", "runs.adhoc"],
  viewer: ["audit.read"],
};

const withEverything: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  administrator: byRole.administrator,
  operator: new Set([...byRole.operator, ...unscoped.operator]),
  viewer: new Set([...byRole.viewer, ...unscoped.viewer]),
};

/**
 * What a role may do. A viewer reads; an operator also starts runs and uploads files; an administrator does everything.
 * `audit.read`, and for operators `runs.adhoc`, come only with a scope of everything: without `scope` they are left out.
 */
export function permissionsOf(role: Role, scope?: { readonly everything: boolean }): ReadonlySet<Permission> {
  return scope?.everything ? withEverything[role] : byRole[role];
}

const runnable: Readonly<Record<Role, ReadonlySet<Danger>>> = {
  administrator: new Set<Danger>(["read", "change", "destructive"]),
  operator: new Set<Danger>(["read", "change", "destructive"]),
  viewer: new Set(),
};

/**
 * Whether the user may start a module of this danger on hosts of their scope. Operators may start every level: what
 * holds a destructive run back is its typed confirmation. A disabled user may nothing.
 */
export function mayRun(user: AccessUser, danger: Danger): boolean {
  return user.enabled && runnable[user.role].has(danger);
}

/** The hosts that the user sees, as the store's queries take it; none for a disabled user. */
export function scopeOf(
  user: AccessUser,
  snapshot: { readonly appCategories: readonly { readonly id: number; readonly functionCategoryId: number }[] },
): "all" | readonly number[] {
  if (!user.enabled) return [];
  if (user.scope.everything) return "all";
  const functionCategories = new Set(user.scope.functionCategories);
  const appCategories = new Set(user.scope.appCategories);
  return snapshot.appCategories
    .filter(({ id, functionCategoryId }) => appCategories.has(id) || functionCategories.has(functionCategoryId))
    .map(({ id }) => id)
    .sort((a, b) => a - b);
}
