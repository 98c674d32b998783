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

const byRole: Readonly<Record<Role, readonly Permission[]>> = {
  administrator: [...reading, "inventory.write", "runs.start", "runs.adhoc", "files.write"],
  operator: [...reading, "runs.start", "files.write"],
  viewer: reading,
};

const everyPermission = permissions.filter((permission) => !hostPermissions.has(permission));

/**
 * What only a scope of everything adds, because it reaches the whole fleet. With users, modules, credentials or settings, or
 * by saying how a host is reached, a limited administrator would lift their own limit; the audit names hosts of everybody; what an operator types for once
 * is reviewed by nobody.
 */
const unscoped: Readonly<Record<Role, readonly Permission[]>> = {
  administrator: everyPermission,
  operator: ["audit.read", "runs.adhoc"],
  viewer: ["audit.read"],
};

const limited = setsBy((role) => byRole[role]);
const withEverything = setsBy((role) => [...byRole[role], ...unscoped[role]]);

function setsBy(of: (role: Role) => readonly Permission[]): Readonly<Record<Role, ReadonlySet<Permission>>> {
  return {
    administrator: new Set(of("administrator")),
    operator: new Set(of("operator")),
    viewer: new Set(of("viewer")),
  };
}

/**
 * What a role may do. A viewer reads; an operator also starts runs and uploads files; an administrator does everything,
 * or, limited to categories, keeps their inventory and runs on it. Without `scope`: as with a limited one.
 */
export function permissionsOf(role: Role, scope?: { readonly everything: boolean }): ReadonlySet<Permission> {
  return scope?.everything ? withEverything[role] : limited[role];
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
