import { type ClaimName, removeProgram } from "../../modules/posix-claim.ts";
import { Cancellation } from "../job/cancellation.ts";
import { within } from "./ending.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import { approachOf } from "./reach.ts";
import { RemoteProgram } from "./remote-program.ts";

const removeMilliseconds = 10_000;

/**
 * Takes away what a host keeps of an execution whose own channel is gone, where it can be reached at once; else it goes
 * by its age. Never rejects.
 */
export async function removeClaim(parts: ExecutionParts, name: ClaimName): Promise<void> {
  const approach = approachOf(parts);
  try {
    const lease = await parts.connections.acquire(
      {
        ...approach,
        milliseconds: Math.min(approach.milliseconds, removeMilliseconds),
        cancellation: new Cancellation(),
        notice: () => undefined,
      },
      parts.secrets,
    );
    const { line } = removeProgram(name);
    const program = new RemoteProgram({ client: lease.client, claim: "once" }, {}, ({ send }) => ({
      open: () => send(line),
      stdout: () => undefined,
      stderr: () => undefined,
      exit: undefined,
      complete: false,
    }));
    lease.release(await within(removeMilliseconds, program.end));
    program.abandon();
  } catch {
    // The host cannot be reached: what is there goes by its age.
  }
}
