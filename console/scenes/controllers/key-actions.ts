import type { HostKey, HostKeyAction } from "../../api/types.ts";

/** What can be done with a key as it stands; a denied one collides with an accepted one of the same name. */
export const keyActions = {
  pending: ["accept", "reject"],
  rejected: ["accept", "delete"],
  denied: ["delete"],
  accepted: ["delete"],
} as const satisfies Readonly<Record<HostKey["state"], readonly HostKeyAction[]>>;

const order = Object.keys(keyActions);

/** Those whose name holds the text, the ones that wait for somebody first, then by name. */
export function fittingKeys(keys: readonly HostKey[], text: string): readonly HostKey[] {
  const wanted = text.trim().toLowerCase();
  return keys
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .toSorted(
      (one, other) => order.indexOf(one.state) - order.indexOf(other.state) || one.name.localeCompare(other.name),
    );
}
