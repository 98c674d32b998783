import type { HostsChange } from "./bulk-task.ts";

/** Fields that a host can be without. */
export const emptyFields = ["zone", "user", "os", "proxyJump", "note", "tags", "innerAddress", "outerAddress"] as const;
export type EmptyField = (typeof emptyFields)[number];

/** The fields that a change empties. */
export function emptied(change: HostsChange): readonly EmptyField[] {
  return emptyFields.filter((field) => change[field] !== undefined && change[field].length === 0);
}

/** The change, emptying these fields and no others; a field that it sets to something else stays as it is. */
export function withEmptied(change: HostsChange, wanted: readonly string[]): HostsChange {
  const next: HostsChange = { ...change };
  for (const field of emptied(change)) delete next[field];
  for (const field of emptyFields) {
    if (!wanted.includes(field)) continue;
    if (field === "tags") next.tags = [];
    else next[field] = "";
  }
  return next;
}
