/** Hosts that are ticked: single ones, or all of a query but some. */
export interface HostSelection {
  readonly all: boolean;
  /** Numbers of the hosts that are ticked; with `all`, of those that are not. */
  readonly ids: ReadonlySet<number>;
}

export const noSelection: HostSelection = { all: false, ids: new Set() };
export const wholeSelection: HostSelection = { all: true, ids: new Set() };

export function isSelected(selection: HostSelection, id: number): boolean {
  return selection.ids.has(id) !== selection.all;
}

export function withHosts(selection: HostSelection, ids: readonly number[], selected: boolean): HostSelection {
  const next = new Set(selection.ids);
  for (const id of ids) {
    if (selected !== selection.all) next.add(id);
    else next.delete(id);
  }
  return { all: selection.all, ids: next };
}

/** How many of the `total` hosts of the query are ticked. */
export function selectedCount({ all, ids }: HostSelection, total: number): number {
  return all ? Math.max(0, total - ids.size) : ids.size;
}

/** The query of the ticked hosts, given the query of the list that they were ticked in. */
export function selectionQuery({ all, ids }: HostSelection, listQuery: string): string {
  if (!all) return `id=${foldIds(ids)}`;
  const query = listQuery.trim();
  if (ids.size === 0) return query;
  return `${query === "" ? "" : `(${query}) and `}not id=${foldIds(ids)}`;
}

/** `1-3,7`, as the query language writes numbers. */
function foldIds(ids: ReadonlySet<number>): string {
  const ranges: [first: number, last: number][] = [];
  for (const id of [...ids].sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range !== undefined && range[1] === id - 1) range[1] = id;
    else ranges.push([id, id]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}
