import type { OmError } from "../../contract/errors.ts";
import type { EventBatch } from "../../contract/link/controller_pb.ts";
import type { Run } from "../store/repositories/runs.ts";

/** What takes the events of a link; src/web/ingest is it. */
export interface Ingest {
  open(link: IngestLink): IngestSession;
}

export interface IngestLink {
  readonly controller: string;
  /** Highest event of each open run that the store had when the link was opened. */
  readonly progress: ReadonlyMap<string, number>;
  /** Events up to `seq` are durable in the store. */
  readonly acknowledge: (runUid: string, seq: number) => void;
  /** Told of the run after each of its batches is in the store. */
  readonly applied?: (run: Run) => void;
  /** A gap: only a new link, on which the controller sends again, mends it. */
  readonly broken: (error: OmError) => void;
}

export interface IngestSession {
  /** Resolves when there is room for more; not awaiting it would let memory grow. */
  push(batch: EventBatch): Promise<void>;
  /** Lets writes that are underway end and drops the rest, which the controller sends again. */
  close(): Promise<void>;
}
