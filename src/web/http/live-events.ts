import type { z } from "zod";
import type { Routes } from "../../contract/http/routes.ts";
import { offset } from "../../contract/http/schemas/fields.ts";
import type { LiveItem } from "../live/live.ts";
import type { Run, Scope } from "../store/repositories/runs.ts";
import { authenticate } from "./authenticate.ts";
import type { Call } from "./call.ts";
import { restartEvent } from "./live-restart.ts";
import type { Services } from "./parts.ts";
import { executionView, runView } from "./views.ts";
import { scopeFor } from "./visible.ts";

export interface LiveRequest {
  readonly run: Run;
  readonly scope: Scope;
  readonly query: z.output<Routes["live"]["query"]>;
  readonly call: Pick<Call<Routes["live"]>, "signal" | "request">;
  readonly services: Services;
}

/**
 * A run's live stream as text of server-sent events. `event: run` carries a frame, `event: output` bytes of the
 * followed host, `event: end` says that the run is final and nothing comes any more, `event: restart` that the web
 * server is stopped; comments keep proxies awake.
 * The id is `seq`, or `seq:stdout:stderr` with the offsets behind the last byte when output is followed: sent back as
 * Last-Event-ID it goes on without a gap or a double. Each piece is made when the one before is on its way, so a slow
 * reader costs nothing. Stops without `end` when its reader is no longer signed in or may see something else by now.
 */
export async function* liveEvents(request: LiveRequest): AsyncGenerator<string, void> {
  const { services, query, run, scope } = request;
  const place = placeOf(query, request.call.request.headers["last-event-id"]);
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, request.call.signal]);
  const { since, stdoutOffset, stderrOffset } = place;
  const output = query.output === undefined ? undefined : { position: query.output, stdoutOffset, stderrOffset };
  const options = { ...(since === undefined ? {} : { since }), ...(output === undefined ? {} : { output }) };
  const items = services.live.follow(run.id, scope, options, signal)[Symbol.asyncIterator]();
  const beat = heartbeat(services.config.heartbeatMilliseconds ?? 15_000, signal);
  let next = outcomeOf(items.next());
  try {
    yield "retry: 2000\n\n";
    for (;;) {
      const outcome = await Promise.race([next, beat.next()]);
      if (signal.aborted) {
        if (services.closing.aborted) yield restartEvent;
        return;
      }
      if (outcome.kind === "beat") {
        if (!(await maySeeTheSame(request))) return;
        yield ": still here\n\n";
        continue;
      }
      if (outcome.kind === "broken") throw outcome.error;
      if (outcome.kind === "done") {
        yield "event: end\ndata: {}\n\n";
        return;
      }
      yield eventOf(outcome.item, place, output !== undefined);
      next = outcomeOf(items.next());
    }
  } finally {
    stop.abort();
    beat.stop();
    // Not awaited: the follower has been told to end, and what it still says is of no use.
    items.return?.().catch(() => undefined);
  }
}

/** What the reader has seen already. */
interface Place {
  since: number | undefined;
  stdoutOffset: number;
  stderrOffset: number;
}

/** A browser repeats the first address when it connects again, so the event's id counts before the query. */
function placeOf(query: LiveRequest["query"], lastEventId: string | string[] | undefined): Place {
  const asked = { since: query.since, stdoutOffset: query.stdoutOffset ?? 0, stderrOffset: query.stderrOffset ?? 0 };
  const id = typeof lastEventId === "string" ? /^(\d{1,10})(?::(\d{1,10}):(\d{1,10}))?$/.exec(lastEventId) : null;
  if (id === null || id.slice(1).some((part) => part !== undefined && !offset.safeParse(part).success)) return asked;
  return {
    since: Number(id[1]),
    stdoutOffset: id[2] === undefined ? asked.stdoutOffset : Number(id[2]),
    stderrOffset: id[3] === undefined ? asked.stderrOffset : Number(id[3]),
  };
}

function eventOf(item: LiveItem, place: Place, followsOutput: boolean): string {
  if (item.kind === "run") {
    const { seq, run, executions } = item.frame;
    place.since = seq;
    const frame = { seq, run: runView(run), executions: executions.map(executionView) };
    return `id: ${idOf(place, followsOutput)}\nevent: run\ndata: ${JSON.stringify(frame)}\n\n`;
  }
  const { position, stream, offset, data } = item.output;
  const end = offset + data.byteLength;
  if (stream === "stdout") place.stdoutOffset = end;
  else place.stderrOffset = end;
  const sent = { position, stream, offset, data: Buffer.from(data).toString("base64") };
  const id = place.since === undefined ? "" : `id: ${idOf(place, followsOutput)}\n`;
  return `${id}event: output\ndata: ${JSON.stringify(sent)}\n\n`;
}

function idOf({ since, stdoutOffset, stderrOffset }: Place, followsOutput: boolean): string {
  return followsOutput ? `${since}:${stdoutOffset}:${stderrOffset}` : String(since);
}

/** Looked up anew: a revoked token, an ended session, a lost permission or another scope ends the stream. */
async function maySeeTheSame({ call, scope, services }: LiveRequest): Promise<boolean> {
  const who = await authenticate(call.request, services);
  if (!who?.permissions.has("runs.read")) return false;
  return JSON.stringify(await scopeFor(services.store, who)) === JSON.stringify(scope);
}

type Outcome =
  | { readonly kind: "item"; readonly item: LiveItem }
  | { readonly kind: "done" }
  | { readonly kind: "broken"; readonly error: unknown };

function outcomeOf(step: Promise<IteratorResult<LiveItem>>): Promise<Outcome> {
  return step.then(
    (result): Outcome => (result.done ? { kind: "done" } : { kind: "item", item: result.value }),
    (error: unknown): Outcome => ({ kind: "broken", error }),
  );
}

const beaten = { kind: "beat" } as const;

/** One timer at a time, also when many pieces pass meanwhile; wakes at once on abort. */
function heartbeat(milliseconds: number, signal: AbortSignal): { next(): Promise<typeof beaten>; stop(): void } {
  let pending: Promise<typeof beaten> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let wake: () => void = () => undefined;
  signal.addEventListener("abort", () => wake());
  return {
    next() {
      pending ??= new Promise((resolve) => {
        wake = () => {
          clearTimeout(timer);
          pending = undefined;
          resolve(beaten);
        };
        timer = setTimeout(wake, milliseconds);
        if (signal.aborted) wake();
      });
      return pending;
    },
    stop: () => wake(),
  };
}
