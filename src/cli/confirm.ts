import { OmError } from "../contract/errors.ts";
import type { CliIo } from "./io.ts";
import { count } from "./terminal/table.ts";

/**
 * Has a person repeat the number of hosts, or takes it from `--yes-hosts`. Resolves with the confirmed number; throws
 * `run.confirmation` when it is wrong or nobody can be asked. A number that was given is held to
 * even where none is needed.
 */
export async function confirmHosts(
  io: CliIo,
  hostCount: number,
  /** What happens on them, with their number in it: `Delete 2 hosts`. */
  what: (hosts: string) => string,
  options: { readonly needed: boolean; readonly yesHosts?: number },
): Promise<number | undefined> {
  const { needed, yesHosts } = options;
  const deed = what(count(hostCount, "host"));
  if (yesHosts !== undefined) {
    if (yesHosts === hostCount) return hostCount;
    throw notConfirmed(`${deed}, not ${yesHosts}. Nothing was done.`);
  }
  if (!needed) return undefined;
  if (!io.canAsk) {
    throw notConfirmed(`${deed}: to confirm, add --yes-hosts ${hostCount}.`);
  }
  const answer = await io.ask(`${deed}. Type their number to go on: `);
  if (answer.trim() === String(hostCount)) return hostCount;
  throw notConfirmed("Not confirmed. Nothing was done.");
}

function notConfirmed(message: string): OmError {
  return new OmError("run.confirmation", message);
}
