import type { MessageInitShape } from "@bufbuild/protobuf";
import type { EventSchema } from "../../contract/link/controller_pb.ts";

/** An event before it has its number. */
export interface NewEvent {
  readonly atMs: bigint;
  readonly kind: MessageInitShape<typeof EventSchema>["kind"];
}

/** Of an event that is nothing but output; 0 of any other. */
export function outputBytes({ kind }: NewEvent): number {
  return kind?.case === "output" ? (kind.value.data?.byteLength ?? 0) : 0;
}

/** About what the event takes when encoded. */
export function eventBytes(event: NewEvent | undefined): number {
  const kind = event?.kind;
  if (kind?.case === "output") return 40 + (kind.value.data?.byteLength ?? 0);
  if (kind?.case === "ended") {
    return (
      100 +
      (kind.value.stdout?.byteLength ?? 0) +
      (kind.value.stderr?.byteLength ?? 0) +
      (kind.value.reason?.length ?? 0)
    );
  }
  if (kind?.case === "dispatching" || kind?.case === "running") return 20 + 3 * (kind.value.positions?.length ?? 0);
  return 200;
}
