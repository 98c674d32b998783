import { statfs } from "node:fs/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { StatusSchema } from "../contract/link/controller_pb.ts";
import type { EngineStatus } from "./engine-health.ts";

export interface StandingParts {
  /** Whose disk holds the journal. */
  readonly folder: string;
  readonly load: () => { readonly runs: number; readonly hosts: number };
  readonly spool: () => { readonly events: number; readonly bytes: number };
  readonly engines: () => readonly EngineStatus[];
  readonly clock: () => number;
}

/** How the controller stands just now. Never rejects: what cannot be known of the disk is left out. */
export function createStanding(parts: StandingParts): () => Promise<MessageInitShape<typeof StatusSchema>> {
  return async () => {
    const free = await freeBytes(parts.folder);
    const { runs, hosts } = parts.load();
    const spool = parts.spool();
    return {
      atMs: BigInt(parts.clock()),
      engines: [...parts.engines()],
      runs,
      hosts,
      spoolEvents: BigInt(spool.events),
      spoolBytes: BigInt(spool.bytes),
      ...(free === undefined ? {} : { diskFreeBytes: free }),
    };
  };
}

async function freeBytes(folder: string): Promise<bigint | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder, { bigint: true });
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** Events on disk that the web server has not confirmed. */
export function unacknowledgedEvents(
  runs: Iterable<{ readonly lastSeq: number; readonly acknowledgedSeq: number }>,
): number {
  let events = 0;
  for (const { lastSeq, acknowledgedSeq } of runs) events += lastSeq - acknowledgedSeq;
  return events;
}
