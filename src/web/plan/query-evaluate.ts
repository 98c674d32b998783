import { expandSegments } from "../../contract/host-range.ts";
import type { RangeSet } from "../../contract/range-set.ts";
import { rangeContains } from "./ip-address.ts";
import { PlaceSet } from "./place-set.ts";
import { type QueryNode, type QueryTerm, type RunTerm, type TextField, termKey } from "./query-ast.ts";
import { CategoryTree } from "./query-categories.ts";
import { addressKey, HostIndex, type QueryHost, type QueryInventory } from "./query-index.ts";
import { matcherOf, type Pattern } from "./query-pattern.ts";
import { ambiguousName, type NamingTerm, unknownNames } from "./query-unknown.ts";
import { zoneFinder } from "./zones.ts";

/** Ids of the hosts that a run term names. */
export type RunHosts = (term: RunTerm) => ReadonlySet<number>;

/**
 * Places in `inventory.hosts` that the query means, disabled hosts included.
 * Throws `query.unknown_name` when a name in it is that of nothing, and `query.syntax` when it is that of two things.
 */
export function evaluateQuery(text: string, root: QueryNode, inventory: QueryInventory, runHosts: RunHosts): PlaceSet {
  const matching = {
    text,
    inventory,
    runHosts,
    index: HostIndex.of(inventory.hosts),
    tree: new CategoryTree(inventory),
    found: new Map<string, PlaceSet>(),
    unknown: [],
  } satisfies Matching;
  const places = placesOf(matching, root);
  const unknown: readonly NamingTerm[] = matching.unknown;
  if (unknown.length > 0) throw unknownNames(text, unknown, inventory, matching.index);
  return places;
}

interface Matching {
  readonly text: string;
  readonly inventory: QueryInventory;
  readonly runHosts: RunHosts;
  readonly index: HostIndex;
  readonly tree: CategoryTree;
  /** Terms that looked at every host, once each. */
  readonly found: Map<string, PlaceSet>;
  readonly unknown: NamingTerm[];
}

function placesOf(matching: Matching, node: QueryNode): PlaceSet {
  const places = noPlaces(matching);
  if (node.kind === "and") {
    places.invert();
    for (const part of node.of) places.keepOnly(placesOf(matching, part));
  } else if (node.kind === "not") {
    places.addAll(placesOf(matching, node.of));
    places.invert();
  } else {
    addTo(matching, places, node);
  }
  return places;
}

function noPlaces({ inventory }: Matching): PlaceSet {
  return new PlaceSet(inventory.hosts.length);
}

function addTo(matching: Matching, places: PlaceSet, node: QueryNode): void {
  switch (node.kind) {
    case "and":
    case "not":
      places.addAll(placesOf(matching, node));
      return;
    case "or":
      for (const part of node.of) addTo(matching, places, part);
      return;
    case "name":
    case "host":
      if (!addNamed(matching, places, node)) matching.unknown.push(node);
      return;
    case "path":
    case "tag":
      if (!addFound(matching, places, node)) matching.unknown.push(node);
      return;
    default:
      addFound(matching, places, node);
  }
}

/** Whether the name is one. A bare exact word is that of a host or of a function category, not of both. */
function addNamed(matching: Matching, places: PlaceSet, term: Extract<QueryTerm, { kind: "name" | "host" }>): boolean {
  const { pattern } = term;
  const { index, tree, text, inventory } = matching;
  if (pattern.exact !== undefined) {
    const place = index.byName.get(pattern.exact);
    const isCategory = term.kind === "name" && tree.hasFunction(pattern.exact);
    if (place !== undefined && isCategory) throw ambiguousName(text, pattern.exact, term.at);
    if (place !== undefined) places.add(place);
    else if (isCategory) addFound(matching, places, { kind: "path", functionCategory: pattern, at: term.at });
    return place !== undefined || isCategory;
  }
  // Listing many names costs more than looking at every host.
  if (pattern.names === undefined || pattern.names.count > inventory.hosts.length / 8) {
    return addFound(matching, places, term);
  }
  let any = false;
  for (const name of expandSegments(pattern.names.segments)) {
    const place = index.byName.get(name);
    if (place === undefined) continue;
    places.add(place);
    any = true;
  }
  return any;
}

/** Whether the term means anything: an empty category does, a path without a category does not. */
function addFound(matching: Matching, places: PlaceSet, term: QueryTerm): boolean {
  const key = termKey(term);
  const known = matching.found.get(key);
  if (known !== undefined) {
    places.addAll(known);
    return true;
  }
  const found = findPlaces(matching, term);
  if (found === undefined) return false;
  matching.found.set(key, found);
  places.addAll(found);
  return true;
}

function findPlaces(matching: Matching, term: QueryTerm): PlaceSet | undefined {
  const { index } = matching;
  switch (term.kind) {
    case "all":
      return placesWhere(matching, () => true);
    case "name":
    case "host": {
      const matches = matcherOf(term.pattern);
      const found = placesWhere(matching, ({ name }) => matches(name));
      return found.isEmpty() ? undefined : found;
    }
    case "path": {
      const apps = matching.tree.appsOf(term);
      return apps === undefined
        ? undefined
        : placesFrom(
            matching,
            apps.map((app) => index.byApp.get(app)),
          );
    }
    case "tag":
      return taggedPlaces(matching, term.pattern);
    case "text":
      return placesWhere(matching, textTest(matching, term.field, term.pattern));
    case "number": {
      const { field, numbers } = term;
      return placesWhere(matching, (host) => holdsNumber(numbers, host[field]));
    }
    case "enabled":
      return placesWhere(matching, ({ enabled }) => term.value === "any" || enabled === (term.value === "yes"));
    case "address": {
      const { range } = term;
      if (range.bits === range.words.length * 32) {
        return placesFrom(matching, [index.byAddress.get(addressKey(range.words))]);
      }
      const { addresses } = index;
      return placesWhere(matching, (_, place) => {
        for (const address of addresses[place] ?? []) if (rangeContains(range, address)) return true;
        return false;
      });
    }
    case "run": {
      const ids = matching.runHosts(term);
      return placesWhere(matching, ({ id }) => ids.has(id));
    }
  }
}

function placesWhere(matching: Matching, test: (host: QueryHost, place: number) => boolean): PlaceSet {
  const places = noPlaces(matching);
  const { hosts } = matching.inventory;
  for (let place = 0; place < hosts.length; place++) {
    const host = hosts[place];
    if (host !== undefined && test(host, place)) places.add(place);
  }
  return places;
}

function placesFrom(matching: Matching, groups: readonly (readonly number[] | undefined)[]): PlaceSet {
  const places = noPlaces(matching);
  for (const group of groups) for (const place of group ?? []) places.add(place);
  return places;
}

function taggedPlaces(matching: Matching, pattern: Pattern): PlaceSet | undefined {
  const { byTag } = matching.index;
  if (pattern.exact !== undefined) {
    const group = byTag.get(pattern.exact);
    return group === undefined ? undefined : placesFrom(matching, [group]);
  }
  const matches = matcherOf(pattern);
  const groups = [...byTag].filter(([tag]) => matches(tag)).map(([, group]) => group);
  return groups.length === 0 ? undefined : placesFrom(matching, groups);
}

function textTest({ inventory }: Matching, field: TextField, pattern: Pattern): (host: QueryHost) => boolean {
  const matches = matcherOf(pattern, { ignoreCase: field === "os" || field === "engine" || field === "address" });
  if (field !== "address") {
    // A fleet has few systems, users, engines and credentials.
    const known = new Map<string, boolean>();
    const zoneOf = zoneFinder(inventory);
    return (host) => {
      const value = field === "engine" ? host.engines.join(",") : field === "zone" ? zoneOf(host) : host[field];
      const answer = known.get(value) ?? (field === "engine" ? host.engines.some(matches) : matches(value));
      if (known.size < 1000) known.set(value, answer);
      return answer;
    };
  }
  return ({ innerAddress, outerAddress }) => matches(innerAddress) || matches(outerAddress);
}

/** Here 022 and 22 are the same. */
function holdsNumber({ items }: RangeSet, value: number): boolean {
  return items.some(({ low, high }) => low <= value && value <= high);
}
