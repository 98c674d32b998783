import { randomBytes } from "node:crypto";
import { taskProgram } from "../../modules/posix.ts";
import { ProgramDialog } from "../../modules/posix-dialog.ts";
import { endConfirmed } from "./confirmed-end.ts";
import type { Lease } from "./connections.ts";
import { type Ending, exitEnding } from "./ending.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import type { HostOutput } from "./host-output.ts";
import { endedByChannel, quietAfterExit, sudoOf } from "./program-end.ts";
import { RemoteProgram } from "./remote-program.ts";
import type { Stop } from "./stop.ts";

/**
 * From the open connection to the confirmed end, with nothing kept on the host: when the connection is lost meanwhile,
 * so is the execution. Gives the lease back.
 */
export async function runUnclaimed(
  parts: ExecutionParts,
  lease: Lease,
  output: HostOutput,
  stop: Stop,
): Promise<Ending | "stale connection"> {
  const { task, host, outbox, limits } = parts;
  const nonce = randomBytes(12).toString("hex");
  const sudo = sudoOf(parts);
  const program: RemoteProgram<ProgramDialog> = new RemoteProgram(
    { client: lease.client },
    {
      started: () => outbox.event({ kind: "started", position: host.position }),
      content: (channel) => parts.sendContent(channel, "and end"),
      output: (stream, data) => {
        const more = output.take(stream, data);
        if (!more) output.whenRoom(() => program.resume());
        return more;
      },
    },
    (handlers) => new ProgramDialog(taskProgram(task, { nonce, become: sudo !== undefined }), nonce, sudo, handlers),
  );
  stop.arm(limits.runMilliseconds);
  const quiet = quietAfterExit(program);
  try {
    const first = await Promise.race([program.end.then(() => "ended" as const), quiet.promise, stop.promise]);
    if (first === "timed_out" || first === "cancelled") return await endConfirmed(parts, lease, program, sudo, first);
    if (first === "ended") {
      lease.release(program.exit !== undefined || program.refusal !== undefined);
      return endedByChannel(parts, lease, program);
    }
    program.abandon();
    lease.release(true);
    return { ...exitEnding(program.exit ?? {}), lost: true };
  } finally {
    quiet.stop();
  }
}
