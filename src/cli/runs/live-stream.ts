import { setTimeout as wait } from "node:timers/promises";
import type { z } from "zod";
import { OmError } from "../../contract/errors.ts";
import type { Client } from "../../contract/http/client.ts";
import type { liveFrame } from "../../contract/http/schemas/runs.ts";

export type LiveFrame = z.output<typeof liveFrame>;

/**
 * The frames of a run until it is final; after a cut it connects again and goes on behind the last one. Gives up with
 * the connection's error when the server does not answer for a minute.
 */
export async function* liveFrames(client: Client, runId: number, signal: AbortSignal): AsyncGenerator<LiveFrame, void> {
  let since: number | undefined;
  let lostAt: number | undefined;
  for (;;) {
    try {
      const response = await client.call("GET /runs/:id/live", {
        params: { id: runId },
        query: since === undefined ? {} : { since },
        headers: { accept: "text/event-stream" },
        signal,
      });
      for await (const event of serverSentEvents(response.body)) {
        lostAt = undefined;
        if (event.name === "end") return;
        if (event.name !== "run") continue;
        const frame = JSON.parse(event.data) as LiveFrame;
        since = frame.seq;
        yield frame;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof OmError && error.code !== "request.unanswered") throw error;
      lostAt ??= performance.now();
      if (performance.now() - lostAt > 60_000) throw error;
    }
    if (signal.aborted) return;
    await wait(500, undefined, { signal }).catch(() => undefined);
  }
}

export interface ServerSentEvent {
  readonly name: string;
  readonly data: string;
}

/** Events of an event stream (WHATWG HTML, 9.2). Ends with the stream; an event that is cut off is dropped. */
export async function* serverSentEvents(body: AsyncIterable<Uint8Array> | null): AsyncGenerator<ServerSentEvent, void> {
  const decoder = new TextDecoder();
  let rest = "";
  let name = "";
  let data: string[] = [];
  for await (const chunk of body ?? []) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) yield { name: name || "message", data: data.join("\n") };
        name = "";
        data = [];
      } else if (line.startsWith("event:")) name = line.slice(6).trimStart();
      else if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
    }
  }
}
