import type { Insertable, Transaction } from "kysely";
import { zoneNamePattern } from "../../contract/controller.ts";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { checkText, storableText } from "./check-text.ts";
import type { HostChange, HostsChange, NewHost } from "./repositories/inventory.ts";
import { isForeignKeyViolation, isUniqueViolation } from "./store-errors.ts";
import type { HostTable, Tables } from "./tables.ts";

type HostColumns = Omit<Insertable<HostTable>, "id" | "created_at" | "updated_at" | "changed_in">;

export const hostColumns = [
  "name",
  "app_category_id",
  "outer_address",
  "inner_address",
  "port",
  "os",
  "engine",
  "login_user",
  "credential",
  "proxy_jump",
  "tags",
  "enabled",
  "note",
  "zone",
  "claim",
  "created_at",
  "updated_at",
  "changed_in",
] as const satisfies readonly (keyof HostTable)[];

/**
 * Counts the inventory's version up and returns the new one. First in every transaction that changes the inventory: it
 * holds the row until the commit, so that such transactions take turns.
 */
export async function nextVersion(transaction: Transaction<Tables>): Promise<number> {
  await transaction
    .updateTable("inventory_version")
    .set((build) => ({ version: build("version", "+", 1) }))
    .execute();
  const row = await transaction.selectFrom("inventory_version").select("version").executeTakeFirstOrThrow();
  return row.version;
}

/** `inventory.invalid` names the field that no database could hold. */
export function checkHost(host: HostChange): void {
  const limits = {
    name: 253,
    outerAddress: 253,
    innerAddress: 253,
    os: 255,
    user: 255,
    credential: 255,
    proxyJump: 4096,
    note: 65_536,
  } as const satisfies Partial<Record<keyof NewHost, number>>;
  for (const [field, limit] of Object.entries(limits)) {
    const value = host[field as keyof typeof limits];
    if (value !== undefined) checkText(value, `Host ${field}`, limit);
  }
  checkText(host.engines?.join(",") ?? "ssh", reasonText("what_host_engines"), 64);
  if (host.zone !== undefined) checkZone(host.zone);
  for (const tag of host.tags ?? []) checkText(tag, reasonText("what_host_tag"), 255);
  if (host.name === "") throw new OmError("inventory.invalid", reasonText("host_needs_name"));
}

/** Empty, or a zone's name. */
export function checkZone(zone: string): void {
  if (zone === "" || zoneNamePattern.test(zone)) return;
  throw new OmError("inventory.invalid", reasonText("zone_wanted", { zone: storableText(zone, 60) }), {
    problems: [{ place: "zone", message: reasonText("one_word") }],
  });
}

export function hostRow(host: NewHost): HostColumns {
  return {
    name: host.name,
    app_category_id: host.appCategoryId,
    outer_address: host.outerAddress,
    inner_address: host.innerAddress,
    port: host.port,
    os: host.os,
    engine: host.engines.join(","),
    login_user: host.user,
    credential: host.credential,
    proxy_jump: host.proxyJump,
    tags: JSON.stringify(host.tags),
    enabled: host.enabled ? 1 : 0,
    note: host.note,
    zone: host.zone ?? "",
    claim: host.claim === false ? 0 : 1,
  };
}

/** Only the columns of the fields that are there. */
export function hostChangeRow(change: HostChange): Partial<HostColumns> {
  const { appCategoryId, outerAddress, innerAddress, engines, user, proxyJump, tags, enabled, claim, ...same } = change;
  const row = {
    name: same.name,
    port: same.port,
    os: same.os,
    engine: engines?.join(","),
    credential: same.credential,
    note: same.note,
    zone: same.zone,
    app_category_id: appCategoryId,
    outer_address: outerAddress,
    inner_address: innerAddress,
    login_user: user,
    proxy_jump: proxyJump,
    tags: tags === undefined ? undefined : JSON.stringify(tags),
    enabled: enabled === undefined ? undefined : enabled ? 1 : 0,
    claim: claim === undefined ? undefined : claim ? 1 : 0,
  };
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}

/** What a host that carries these tags carries afterwards; undefined when the change leaves its tags alone. */
export function tagsAfter(tags: readonly string[], change: HostsChange): readonly string[] | undefined {
  const { addTags = [], removeTags = [] } = change;
  if (addTags.length + removeTags.length === 0) return undefined;
  const removed = new Set(removeTags);
  return [...new Set([...(change.tags ?? tags), ...addTags])].filter((tag) => !removed.has(tag));
}

/** Runs a change and says in the inventory's words what a violated key means. */
export async function explainingKeys<T>(
  work: () => Promise<T>,
  meaning: { readonly taken: string; readonly foreign?: OmError },
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isUniqueViolation(error)) {
      throw new OmError("inventory.duplicate", reasonText("name_taken", { what: meaning.taken }), {
        problems: [{ place: "/name", message: reasonText("import_name_taken") }],
        cause: error,
      });
    }
    if (isForeignKeyViolation(error) && meaning.foreign !== undefined) throw meaning.foreign;
    throw error;
  }
}
