/** What a user may see, as the user's record says it. */
export interface UserScope {
  readonly everything: boolean;
  readonly functionCategories: readonly number[];
  readonly appCategories: readonly number[];
}

/** The same as the store's queries take it: all, or the hosts of these app categories. */
export type Scope = "all" | readonly number[];

/** App categories of the scope, by id: those named and those of the named function categories; a deleted one falls away. */
export function scopedAppCategories(
  scope: UserScope,
  appCategories: readonly { readonly id: number; readonly functionCategoryId: number }[],
): Scope {
  if (scope.everything) return "all";
  const functions = new Set(scope.functionCategories);
  const apps = new Set(scope.appCategories);
  return appCategories
    .filter(({ id, functionCategoryId }) => apps.has(id) || functions.has(functionCategoryId))
    .map(({ id }) => id)
    .sort((a, b) => a - b);
}

/** The part of an inventory that the scope shows: what a query may name, match and suggest. The whole one is not copied. */
export function inventoryInScope<
  H extends { readonly appCategoryId: number },
  F extends { readonly id: number },
  A extends { readonly id: number; readonly functionCategoryId: number },
>(
  inventory: {
    readonly hosts: readonly H[];
    readonly functionCategories: readonly F[];
    readonly appCategories: readonly A[];
  },
  scope: Scope,
): typeof inventory {
  if (scope === "all") return inventory;
  const allowed = new Set(scope);
  const appCategories = inventory.appCategories.filter(({ id }) => allowed.has(id));
  const functions = new Set(appCategories.map(({ functionCategoryId }) => functionCategoryId));
  return {
    hosts: inventory.hosts.filter(({ appCategoryId }) => allowed.has(appCategoryId)),
    functionCategories: inventory.functionCategories.filter(({ id }) => functions.has(id)),
    appCategories,
  };
}
