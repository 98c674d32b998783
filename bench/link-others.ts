import { join } from "node:path";
import type { Client } from "../src/contract/http/client.ts";
import { isFinalExecutionState, isFinalRunState } from "../src/contract/states.ts";
import { importHosts, type Measured, rounded, startTwo } from "./product.ts";

/**
 * How much later the ends of other hosts are seen while one host streams 100 MB over the link. In turns, `pairs` times:
 * others alone, then the same beside the stream, or the other way round; what counts is the median of the pairs'
 * ratios, so that what else the machine does falls on both halves alike. The stream is either a run of its own or one
 * more host of the others' run, where it shares their sequence of events.
 */

const otherHosts = 400;
/** Others take 0.2 to 0.6 s each, so that the machine is not full with them alone. */
const otherWidth = 40;
const others = "latency=200..600";
const streamed = 100_000_000;

export interface Seen {
  /** From the request for the run to a live viewer's seeing the end of each other host. */
  readonly sinceRequest: number[];
  /** From the end on the host, by the controller's clock, to a live viewer's seeing it. */
  readonly sinceEnd: number[];
}

export type Placement = "ownRun" | "sameRun";

export async function measureOthers(folder: string, pairs: number, placements: readonly Placement[]): Promise<object> {
  const started: Measured[] = [];
  try {
    const mockHosts = { talker: [`bytes=${streamed}`] };
    const { client, processes } = await startTwo(join(folder, "others"), { engine: "mock", mockHosts }, started);
    const names = Array.from({ length: otherHosts }, (_, i) => ({ name: `web${i}`, engine: "mock" }));
    await importHosts(client, [...names, { name: "talker", engine: "mock" }]);
    await client.call("PATCH /settings", { body: { outputLimitBytes: 2 ** 28 } });
    await alone(client);
    const figures: Record<string, object> = {};
    for (const placement of placements) figures[placement] = await measurePairs(client, processes, placement, pairs);
    return figures;
  } finally {
    await Promise.all(started.map((process) => process.stop()));
  }
}

async function measurePairs(
  client: Client,
  processes: readonly Measured[],
  placement: Placement,
  pairs: number,
): Promise<object> {
  const measure = placement === "ownRun" ? besideOwnRun : besideSameRun;
  const measured: { base: Seen; beside: Seen; streamS: number }[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const early = pair % 2 === 0 ? await alone(client) : undefined;
    for (const process of processes) await process.ask("longestBlock");
    const { streamS, ...beside } = await measure(client);
    const blocks = await Promise.all(processes.map((process) => process.ask("longestBlock")));
    const base = early ?? (await alone(client));
    measured.push({ base, beside, streamS });
    console.error(
      `${placement}: seen after ${text(base.sinceRequest)}, beside 100 MB (${streamS.toFixed(1)} s) ${text(beside.sinceRequest)} ms from the request; ` +
        `${text(base.sinceEnd)}, beside ${text(beside.sinceEnd)} ms from the end; longest block web ${blocks[0]?.toFixed(0)}, controller ${blocks[1]?.toFixed(0)} ms`,
    );
  }
  const delays = measured.map(({ base, beside }) => (mean(beside.sinceRequest) / mean(base.sinceRequest) - 1) * 100);
  const all = (which: "base" | "beside", kind: keyof Seen) => measured.flatMap((pair) => pair[which][kind]);
  return {
    delayPct: rounded(median(delays), 1),
    delayPctOfPairs: delays.map((delay) => rounded(delay, 1)),
    streamS: rounded(median(measured.map(({ streamS }) => streamS)), 1),
    fromRequestMs: { alone: spread(all("base", "sinceRequest")), beside: spread(all("beside", "sinceRequest")) },
    fromEndMs: { alone: spread(all("base", "sinceEnd")), beside: spread(all("beside", "sinceEnd")) },
  };
}

async function alone(client: Client): Promise<Seen> {
  return await followed(client, "name=web*", ["mock", others], otherHosts);
}

/** Others in runs one after another for as long as the stream lasts. */
async function besideOwnRun(client: Client): Promise<Seen & { streamS: number }> {
  const begun = performance.now();
  let streamS = 0;
  const stream = followed(client, "name=talker", ["mock", others], 1).then(() => {
    streamS = (performance.now() - begun) / 1000;
  });
  const seen: Seen = { sinceRequest: [], sinceEnd: [] };
  while (streamS === 0) {
    const next = await followed(client, "name=web*", ["mock", others], otherHosts);
    seen.sinceRequest.push(...next.sinceRequest);
    seen.sinceEnd.push(...next.sinceEnd);
  }
  await stream;
  return { ...seen, streamS };
}

async function besideSameRun(client: Client): Promise<Seen & { streamS: number }> {
  const begun = performance.now();
  const seen = await followed(client, "all", ["mock", others], otherHosts + 1);
  return { ...seen, streamS: (performance.now() - begun) / 1000 };
}

/** Starts a run and follows it live to its end, as a browser does; of hosts called `web*` it notes when they are seen. */
async function followed(client: Client, query: string, command: string[], hosts: number): Promise<Seen> {
  const requestedAt = Date.now();
  // The talker has a place of its own beside the others' width.
  const width = otherWidth + (query === "all" ? 1 : 0);
  const { id } = await client.call("POST /runs", { body: { command, query, width, confirmHostCount: hosts } });
  const stream = await client.call("GET /runs/:id/live", { params: { id } });
  const seen = new Map<string, { sinceRequest: number; sinceEnd: number }>();
  for await (const { run, executions } of runFrames(stream)) {
    const now = Date.now();
    for (const { hostName, state, finishedAt } of executions) {
      if (!hostName.startsWith("web") || !isFinalExecutionState(state) || seen.has(hostName)) continue;
      seen.set(hostName, { sinceRequest: now - requestedAt, sinceEnd: now - finishedAt });
    }
    if (!isFinalRunState(run.state)) continue;
    if (run.state !== "succeeded") throw new Error(`a run ended ${run.state}: ${JSON.stringify(run.counts)}`);
    const values = [...seen.values()];
    return { sinceRequest: values.map((each) => each.sinceRequest), sinceEnd: values.map((each) => each.sinceEnd) };
  }
  throw new Error("the live stream ended before the run did");
}

interface Frame {
  readonly run: { readonly state: Parameters<typeof isFinalRunState>[0]; readonly counts: object };
  readonly executions: readonly {
    readonly hostName: string;
    readonly state: Parameters<typeof isFinalExecutionState>[0];
    readonly finishedAt: number;
  }[];
}

async function* runFrames(stream: Response): AsyncGenerator<Frame> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const data = event.split("\n").find((line) => line.startsWith("data: "));
      if (event.includes("event: run") && data !== undefined) yield JSON.parse(data.slice(6)) as Frame;
    }
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  return mean(middle);
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * part) / 100))] ?? Number.NaN;
}

function spread(values: readonly number[]): object {
  return {
    mean: rounded(mean(values), 0),
    p50: percentile(values, 50),
    p95: percentile(values, 95),
    p99: percentile(values, 99),
  };
}

function text(values: readonly number[]): string {
  return `${mean(values).toFixed(0)} (p95 ${percentile(values, 95).toFixed(0)})`;
}
