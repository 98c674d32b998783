import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { foldHosts } from "../../../src/contract/host-range.ts";
import { client } from "../../api/client.ts";
import type { AppCategory, FunctionCategory, Host } from "../../api/types.ts";
import { useDebounced } from "../../api/use-debounced.ts";
import type { TreeRow } from "../../components/host-tree/tree-row.ts";
import { appTerm } from "./query-text.ts";
import type { Selection, TreeIndex, TreeNode } from "./selection.ts";
import { appChoice, hostChoice, joinChoices, type Matched } from "./tree-choice.ts";

const hostsPerPage = 500;

export interface HostTreeData {
  readonly rows: readonly TreeRow[];
  readonly index: TreeIndex;
  nodeOf(row: TreeRow): TreeNode | undefined;
  expand(row: TreeRow, expanded: boolean): void;
  showMore(row: TreeRow): void;
  readonly isLoading: boolean;
  readonly error: unknown;
  readonly hostCount: number;
}

/** Fetches the categories at once and the hosts of a category when it is opened, page by page. */
export function useHostTree(
  readSelection: (index: TreeIndex) => Selection,
  matched: Matched | undefined,
): HostTreeData {
  const { t } = useTranslation();
  const categories = useQuery({
    queryKey: ["categories"],
    queryFn: ({ signal }) => client.call("GET /categories", { signal }),
  });
  const [open, setOpen] = useState<ReadonlyMap<string, number>>(new Map());
  const tree = categories.data?.functionCategories ?? noCategories;
  const opened = useMemo(
    () =>
      tree.flatMap((category) =>
        category.appCategories
          .filter((app) => open.has(`a${app.id}`))
          .map((app) => ({ category, app, pages: open.get(`a${app.id}`) ?? 1 })),
      ),
    [tree, open],
  );
  const hostsByApp = useQueries({
    queries: opened.map(({ category, app, pages }) => ({
      queryKey: ["hosts-of-app", app.id, pages],
      queryFn: ({ signal }: { signal: AbortSignal }) => fetchHosts(category, app, pages, signal),
      placeholderData: (previous: FetchedHosts | undefined) => previous,
      staleTime: 30_000,
    })),
    combine: (results) => new Map(results.map((result, place) => [opened[place]?.app.id ?? 0, result.data])),
  });
  const shownIndex = useMemo(() => indexOf(tree, hostsByApp), [tree, hostsByApp]);
  const index = useNamedHosts(tree, shownIndex, readSelection);
  const selection = useMemo(() => readSelection(index), [readSelection, index]);
  const rows = useMemo(
    () =>
      buildRows({
        tree,
        open,
        hostsByApp,
        selection,
        matched,
        index,
        more: (count) => t("tree.more", { count }),
        loading: t("feedback.loading"),
      }),
    [tree, open, hostsByApp, selection, matched, index, t],
  );

  return {
    rows,
    index,
    isLoading: categories.isLoading,
    error: categories.error,
    hostCount: tree.reduce((sum, category) => sum + category.hostCount, 0),
    nodeOf: (row) => nodeOf(row, tree, index),
    expand(row, expanded) {
      setOpen((before) => {
        const next = new Map(before);
        if (expanded) next.set(row.id, 1);
        else next.delete(row.id);
        return next;
      });
    },
    showMore(row) {
      const app = row.id.slice("more-".length);
      setOpen((before) => new Map(before).set(app, (before.get(app) ?? 1) + 4));
    },
  };
}

const noCategories: readonly FunctionCategory[] = [];

interface FetchedHosts {
  readonly hosts: readonly Host[];
  readonly total: number;
}

async function fetchHosts(
  category: FunctionCategory,
  app: AppCategory,
  pages: number,
  signal: AbortSignal,
): Promise<FetchedHosts> {
  const hosts: Host[] = [];
  const query = appTerm(category.name, app.name);
  let cursor: string | undefined;
  let total = 0;
  for (let page = 0; page < pages; page++) {
    const answer = await client.call("GET /hosts", { query: { query, limit: hostsPerPage, cursor }, signal });
    hosts.push(...answer.rows);
    total = answer.total;
    cursor = answer.next;
    if (cursor === undefined) break;
  }
  return { hosts, total };
}

/** So many hosts that a query names are looked up; more can only be typed, and then the server's counts do. */
const namedHostsLimit = 1_000;

/** The index with the places of the hosts that the query names and the tree has not shown. */
function useNamedHosts(
  tree: readonly FunctionCategory[],
  index: TreeIndex,
  readSelection: (index: TreeIndex) => Selection,
): TreeIndex {
  const named = useMemo(() => {
    const { include, exclude } = readSelection(index);
    const unknown = [...include.hosts, ...exclude.hosts].filter((name) => !index.hosts.has(name));
    return unknown.length > namedHostsLimit ? "" : foldHosts(unknown);
  }, [readSelection, index]);
  const asked = useDebounced(named, 150);
  const found = useQuery({
    queryKey: ["named-hosts", asked],
    queryFn: ({ signal }) => client.call("GET /hosts", { query: { query: asked, limit: namedHostsLimit }, signal }),
    enabled: asked !== "",
    staleTime: 30_000,
    retry: false,
  });
  return useMemo(() => {
    if (found.data === undefined) return index;
    const places = new Map(
      tree.flatMap((category) =>
        category.appCategories.map((app) => [app.id, { category: category.name, app: app.name }] as const),
      ),
    );
    const hosts = new Map(index.hosts);
    for (const { name, appCategoryId } of found.data.rows) {
      const place = places.get(appCategoryId);
      if (place !== undefined) hosts.set(name, place);
    }
    return { ...index, hosts };
  }, [found.data, index, tree]);
}

function indexOf(
  tree: readonly FunctionCategory[],
  hostsByApp: ReadonlyMap<number, FetchedHosts | undefined>,
): TreeIndex {
  const hosts = new Map<string, { category: string; app: string }>();
  for (const category of tree) {
    for (const app of category.appCategories) {
      const place = { category: category.name, app: app.name };
      for (const host of hostsByApp.get(app.id)?.hosts ?? []) hosts.set(host.name, place);
    }
  }
  return {
    hosts,
    categories: tree.map(({ name, appCategories }) => ({ name, apps: appCategories.map((app) => app.name) })),
  };
}

interface RowParts {
  readonly tree: readonly FunctionCategory[];
  readonly open: ReadonlyMap<string, number>;
  readonly hostsByApp: ReadonlyMap<number, FetchedHosts | undefined>;
  readonly selection: Selection;
  readonly matched: Matched | undefined;
  readonly index: TreeIndex;
  readonly more: (count: number) => string;
  readonly loading: string;
}

function buildRows(parts: RowParts): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  for (const [place, category] of parts.tree.entries()) {
    const choices = category.appCategories.map((app) =>
      appChoice(app, category.name, parts.selection, parts.matched, parts.index),
    );
    const id = `f${category.id}`;
    const counted = choices.filter((_, at) => (category.appCategories[at]?.hostCount ?? 0) > 0);
    rows.push({
      id,
      kind: "function",
      level: 1,
      name: category.name,
      count: category.hostCount,
      choice: joinChoices(counted.length > 0 ? counted : choices),
      expanded: parts.open.has(id),
      place: place + 1,
      siblings: parts.tree.length,
    });
    if (!parts.open.has(id)) continue;
    for (const [at, app] of category.appCategories.entries()) {
      const appId = `a${app.id}`;
      rows.push({
        id: appId,
        kind: "app",
        level: 2,
        name: app.name,
        count: app.hostCount,
        choice: choices[at] ?? "none",
        expanded: parts.open.has(appId),
        place: at + 1,
        siblings: category.appCategories.length,
      });
      if (parts.open.has(appId)) rows.push(...hostRows(parts, category, app));
    }
  }
  return rows;
}

function hostRows(parts: RowParts, category: FunctionCategory, app: AppCategory): readonly TreeRow[] {
  const fetched = parts.hostsByApp.get(app.id);
  const other = { level: 3, choice: "none", place: 1, siblings: 1 } as const;
  if (fetched === undefined) return [{ ...other, id: `loading-a${app.id}`, kind: "loading", name: parts.loading }];
  const rows: TreeRow[] = fetched.hosts.map((host, at) => ({
    id: `h${host.id}`,
    kind: "host",
    level: 3,
    name: host.name,
    note: host.innerAddress || host.outerAddress,
    disabled: !host.enabled,
    choice: hostChoice(host.name, category.name, app.name, parts.selection, parts.matched),
    place: at + 1,
    siblings: fetched.total,
  }));
  const missing = fetched.total - fetched.hosts.length;
  if (missing > 0) rows.push({ ...other, id: `more-a${app.id}`, kind: "more", name: parts.more(missing) });
  return rows;
}

function nodeOf(row: TreeRow, tree: readonly FunctionCategory[], index: TreeIndex): TreeNode | undefined {
  if (row.kind === "host") {
    const place = index.hosts.get(row.name);
    return place === undefined ? undefined : { kind: "host", ...place, name: row.name };
  }
  for (const category of tree) {
    if (row.id === `f${category.id}`) return { kind: "function", category: category.name };
    const app = category.appCategories.find(({ id }) => row.id === `a${id}`);
    if (app !== undefined) return { kind: "app", category: category.name, app: app.name };
  }
  return undefined;
}
