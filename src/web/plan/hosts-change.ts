import type { z } from "zod";
import { OmError } from "../../contract/errors.ts";
import type { hostsChange, hostsChangeReport } from "../../contract/http/schemas/inventory.ts";
import { reasonText } from "../../contract/reasons.ts";
import { categoryPaths, type KnownHost, type KnownInventory } from "./import-plan.ts";

type Change = z.output<typeof hostsChange>;
type Effect = z.output<typeof hostsChangeReport>["effects"][number];
type Field = keyof KnownHost & keyof Change;

const mostTags = 64;
const shownValues = 5;

/**
 * What a change does to these hosts: those that are different afterwards, and per field how many and what they hold
 * now. Nothing is written. Throws `inventory.invalid` when a host would carry more tags than a host can.
 */
export function planHostsChange<Host extends KnownHost>(
  hosts: readonly Host[],
  change: Change,
  inventory: Omit<KnownInventory, "hosts">,
): { readonly hosts: readonly Host[]; readonly effects: readonly Effect[] } {
  const paths = categoryPaths(inventory);
  const changed = new Set<Host>();
  const effects: Effect[] = [];
  const note = (field: string, to: string, affected: readonly Host[], before: (host: Host) => string) => {
    for (const host of affected) changed.add(host);
    if (affected.length > 0) effects.push({ field, count: affected.length, from: frequent(affected.map(before)), to });
  };
  const textOf = (field: Field, value: unknown): string => {
    if (field !== "appCategoryId") return asText(value);
    const path = paths.get(Number(value));
    return path === undefined ? "" : `${path.functionCategory}/${path.appCategory}`;
  };
  for (const field of fieldsOf(change)) {
    const to = change[field];
    const differ = hosts.filter((host) => JSON.stringify(host[field]) !== JSON.stringify(to));
    note(field, textOf(field, to), differ, (host) => textOf(field, host[field]));
  }
  const { addTags = [], removeTags = [] } = change;
  const base = (host: Host) => change.tags ?? host.tags;
  const gets = hosts.filter((host) => addTags.some((tag) => !base(host).includes(tag) && !removeTags.includes(tag)));
  const loses = hosts.filter((host) => removeTags.some((tag) => base(host).includes(tag)));
  note("addTags", addTags.join(", "), gets, (host) => host.tags.join(", "));
  note("removeTags", removeTags.join(", "), loses, (host) => host.tags.join(", "));
  const tagsAfter = (host: Host) => new Set([...base(host), ...addTags].filter((tag) => !removeTags.includes(tag)));
  const tooMany = hosts.find((host) => addTags.length > 0 && tagsAfter(host).size > mostTags);
  if (tooMany !== undefined) {
    throw new OmError("inventory.invalid", reasonText("tags_many", { host: tooMany.name, count: mostTags }), {
      problems: [{ place: "/change/addTags", message: reasonText("tags_many_after", { count: mostTags }) }],
    });
  }
  return { hosts: hosts.filter((host) => changed.has(host)), effects };
}

function fieldsOf(change: Change): Field[] {
  const { addTags: _added, removeTags: _removed, ...fields } = change;
  return (Object.keys(fields) as Field[]).filter((field) => change[field] !== undefined);
}

function asText(value: unknown): string {
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value ?? "");
}

/** The values by how many have them, most first. */
function frequent(values: readonly string[]): Effect["from"] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, shownValues);
}
