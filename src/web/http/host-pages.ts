import { OmError } from "../../contract/errors.ts";
import { naturalKey } from "../../contract/host-range.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { Host } from "../store/repositories/inventory.ts";

/**
 * A page of hosts that are in natural order. The cursor names the last host that was seen, by name and number, so that a
 * page holds also when that host is deleted meanwhile; `request.invalid` for a cursor that we did not make.
 */
export function pageOfHosts(
  hosts: readonly Host[],
  cursor: string | undefined,
  limit: number,
): { readonly rows: readonly Host[]; readonly next?: string } {
  const start = cursor === undefined ? 0 : firstAfter(hosts, readCursor(cursor));
  const rows = hosts.slice(start, start + limit);
  const last = rows.at(-1);
  if (last === undefined || start + limit >= hosts.length) return { rows };
  return { rows, next: Buffer.from(JSON.stringify([last.name, last.id])).toString("base64url") };
}

function firstAfter(hosts: readonly Host[], seen: { readonly key: string; readonly id: number }): number {
  let low = 0;
  let high = hosts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const host = hosts[middle];
    if (host === undefined) break;
    const key = naturalKey(host.name);
    if (key < seen.key || (key === seen.key && host.id <= seen.id)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function readCursor(cursor: string): { key: string; id: number } {
  try {
    const [name, id] = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")) as unknown[];
    if (typeof name === "string" && typeof id === "number") return { key: naturalKey(name), id };
  } catch {
    // Falls through: whatever it is, it is no cursor.
  }
  throw new OmError("request.invalid", reasonText("cursor_unknown"), {
    problems: [{ place: "cursor", message: reasonText("is_not_valid") }],
  });
}
