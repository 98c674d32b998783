import { setTimeout as sleep } from "node:timers/promises";
import type { Routes } from "../../contract/http/routes.ts";
import type { ShellCommand, ShellCommandFilter } from "../store/repositories/shell-commands.ts";
import { authenticate } from "./authenticate.ts";
import type { Call } from "./call.ts";
import { restartEvent } from "./live-restart.ts";
import type { Services } from "./parts.ts";

const lookMilliseconds = 1000;
const mostAtOnce = 500;
/** Numbers are given before a commit, so a lower one may become visible after a higher one: so far back is looked again. */
const overlap = 500;

export interface LiveShellRequest {
  readonly filter: ShellCommandFilter;
  /** Highest id that the reader has; what comes from now on where left out. */
  readonly after: number | undefined;
  readonly call: Pick<Call<Routes["liveShellCommands"]>, "signal" | "request">;
  readonly services: Services;
}

/**
 * Commands as they come in, looked for once a second (whichever web server took them). An event's id is the highest id
 * sent so far; sent back as Last-Event-ID it goes on without a gap, and readers leave out ids that they have. Ends when
 * its reader is no longer signed in or may no longer read it.
 */
export async function* liveShellCommands(request: LiveShellRequest): AsyncGenerator<string, void> {
  const { filter, call, services } = request;
  const { shellCommands } = services.store;
  const lastEventId = call.request.headers["last-event-id"];
  const resumed = typeof lastEventId === "string" && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined;
  let last = resumed ?? request.after ?? (await shellCommands.lastId());
  let from = last;
  let sent = new Set<number>();
  let checkedAt = performance.now();
  yield "retry: 2000\n\n";
  while (!call.signal.aborted) {
    const rows = await shellCommands.newer(filter, from, overlap + mostAtOnce);
    const fresh = rows.filter(({ id }) => !sent.has(id)).slice(0, mostAtOnce);
    if (fresh.length > 0) {
      for (const { id } of fresh) {
        sent.add(id);
        last = Math.max(last, id);
      }
      from = Math.max(from, last - overlap);
      sent = new Set([...sent].filter((id) => id > from));
      yield eventOf(last, fresh);
    }
    const beat = services.config.heartbeatMilliseconds ?? 15_000;
    if (performance.now() - checkedAt > beat) {
      checkedAt = performance.now();
      const who = await authenticate(call.request, services);
      if (!who?.permissions.has("audit.read")) return;
      yield ": still here\n\n";
    }
    if (fresh.length < mostAtOnce)
      await sleep(lookMilliseconds, undefined, { signal: call.signal }).catch(() => undefined);
  }
  if (services.closing.aborted) yield restartEvent;
}

function eventOf(last: number, commands: readonly ShellCommand[]): string {
  return `id: ${last}\nevent: commands\ndata: ${JSON.stringify(commands)}\n\n`;
}
