import { OmError } from "../contract/errors.ts";
import type { CliIo } from "./io.ts";
import { count as counted } from "./terminal/table.ts";

/** What a person confirms by its number. */
export interface Confirmable {
  readonly count: number;
  /** One of them: `host`. */
  readonly of: string;
  /** The option that gives the number beforehand. */
  readonly flag: string;
  /** What happens to them, with their number in it: `Delete 2 hosts`. */
  readonly what: (all: string) => string;
}

/**
 * Has a person repeat the number, or takes it from the option. Resolves with the confirmed number; throws
 * `run.confirmation` when it is wrong or nobody can be asked. A number that was given is held to
 * even where none is needed.
 */
export async function confirmNumber(
  io: CliIo,
  { count, of, flag, what }: Confirmable,
  needed: boolean,
  given: number | undefined,
): Promise<number | undefined> {
  const deed = what(counted(count, of));
  if (given !== undefined) {
    if (given === count) return count;
    throw notConfirmed(`${deed}, not ${given}. Nothing was done.`);
  }
  if (!needed) return undefined;
  if (!io.canAsk) throw notConfirmed(`${deed}: to confirm, add ${flag} ${count}.`);
  const answer = await io.ask(`${deed}. Type their number to go on: `);
  if (answer.trim() === String(count)) return count;
  throw notConfirmed("Not confirmed. Nothing was done.");
}

/** {@link confirmNumber} for hosts and `--yes-hosts`. */
export async function confirmHosts(
  io: CliIo,
  hostCount: number,
  what: (hosts: string) => string,
  { needed, yesHosts }: { readonly needed: boolean; readonly yesHosts?: number },
): Promise<number | undefined> {
  return confirmNumber(io, { count: hostCount, of: "host", flag: "--yes-hosts", what }, needed, yesHosts);
}

function notConfirmed(message: string): OmError {
  return new OmError("run.confirmation", message);
}
