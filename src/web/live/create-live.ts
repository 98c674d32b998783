import type { OutputStream } from "../../contract/engine.ts";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { isFinalRunState } from "../../contract/states.ts";
import type { Store } from "../store/store.ts";
import type { Live, LiveItem, LiveOutput } from "./live.ts";
import { type Change, createRunWatch, type RunWatch } from "./run-watch.ts";

/** Ten frames a second. */
const frameMilliseconds = 100;
/** A run is looked at so often even when nobody tells of a change: another web server may have stored one. */
const pollMilliseconds = 2000;
const outputBytes = 64 * 1024;

/** A run that somebody follows. */
interface Followed {
  readonly watch: RunWatch;
  readonly waiting: Set<() => void>;
  followers: number;
  readAt: number;
  timer: NodeJS.Timeout | undefined;
  dueAt: number;
}

export function createLive(store: Store): Live {
  const runs = new Map<number, Followed>();

  function join(runId: number): Followed {
    let followed = runs.get(runId);
    if (followed === undefined) {
      const watch = createRunWatch(store, runId);
      followed = {
        watch,
        waiting: new Set(),
        followers: 0,
        readAt: 0,
        timer: undefined,
        dueAt: Number.POSITIVE_INFINITY,
      };
      runs.set(runId, followed);
    }
    followed.followers += 1;
    return followed;
  }

  function part(runId: number, followed: Followed): void {
    followed.followers -= 1;
    if (followed.followers > 0) return;
    clearTimeout(followed.timer);
    runs.delete(runId);
  }

  function schedule(followed: Followed, delay: number): void {
    const due = performance.now() + delay;
    if (due >= followed.dueAt) return;
    clearTimeout(followed.timer);
    followed.dueAt = due;
    followed.timer = setTimeout(() => {
      void look(followed);
    }, delay);
  }

  async function look(followed: Followed): Promise<void> {
    followed.dueAt = Number.POSITIVE_INFINITY;
    followed.readAt = performance.now();
    const before = followed.watch.newest();
    try {
      await followed.watch.read();
    } catch {
      // The store does not answer just now; its own log says why. The next look may do better.
    }
    if (followed.followers === 0) return;
    if (followed.watch.newest() !== before) {
      const woken = [...followed.waiting];
      followed.waiting.clear();
      for (const wake of woken) wake();
    }
    schedule(followed, pollMilliseconds);
  }

  /** Resolves when something newer than `seen` was read, or on abort. */
  function newer(followed: Followed, seen: Change | undefined, signal: AbortSignal): Promise<void> {
    if (signal.aborted || followed.watch.newest() !== seen) return Promise.resolve();
    return new Promise((resolve) => {
      function done(): void {
        followed.waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      }
      followed.waiting.add(done);
      signal.addEventListener("abort", done);
    });
  }

  async function* outputAfter(runId: number, tail: OutputTail, signal: AbortSignal): AsyncGenerator<LiveOutput> {
    for (const stream of ["stdout", "stderr"] as const) {
      for (let full = true; full && !signal.aborted; ) {
        const offset = tail.offsets[stream];
        const data = await store.runs.output(runId, tail.position, stream, { offset, limit: outputBytes });
        if (data === undefined || data.byteLength === 0) break;
        tail.offsets[stream] += data.byteLength;
        full = data.byteLength === outputBytes;
        yield { position: tail.position, stream, offset, data };
      }
    }
  }

  async function* follow(...[runId, scope, options, signal]: Parameters<Live["follow"]>): AsyncGenerator<LiveItem> {
    const followed = join(runId);
    try {
      if ((await store.runs.get(runId, scope)) === undefined)
        throw new OmError("request.not_found", reasonText("missing_run", { id: runId }));
      await followed.watch.read();
      schedule(followed, pollMilliseconds);
      const tail = options.output === undefined ? undefined : outputTail(options.output);
      let seq = (followed.watch.newest()?.seq ?? 0) < (options.since ?? 0) ? undefined : options.since;
      let early: ReadonlyMap<number, number> = new Map();
      while (!signal.aborted) {
        const newest = followed.watch.newest();
        if (newest !== undefined && newest.seq !== seq) {
          const change = await (seq === undefined ? followed.watch.whole() : followed.watch.since(seq));
          if (change === undefined) return;
          const executions = change.executions.filter((row) => early.get(row.position) !== row.liveSeq);
          const ahead = change.executions.filter((row) => row.liveSeq > change.seq);
          early = new Map(ahead.map((row) => [row.position, row.liveSeq]));
          seq = change.seq;
          const sentAt = performance.now();
          yield { kind: "run", frame: { seq, run: change.run, executions } };
          await pause(frameMilliseconds - (performance.now() - sentAt), signal);
        }
        if (tail !== undefined)
          for await (const output of outputAfter(runId, tail, signal)) yield { kind: "output", output };
        const current = followed.watch.newest();
        if (current !== newest) continue;
        if (current !== undefined && isFinalRunState(current.run.state) && current.seq === seq) return;
        await newer(followed, newest, signal);
      }
    } finally {
      part(runId, followed);
    }
  }

  return {
    follow,
    changed(runId) {
      const followed = runs.get(runId);
      if (followed === undefined) return;
      schedule(followed, Math.max(0, followed.readAt + frameMilliseconds - performance.now()));
    },
  };
}

interface OutputTail {
  readonly position: number;
  readonly offsets: Record<OutputStream, number>;
}

function outputTail(asked: { position: number; stdoutOffset: number; stderrOffset: number }): OutputTail {
  return { position: asked.position, offsets: { stdout: asked.stdoutOffset, stderr: asked.stderrOffset } };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
  });
}
