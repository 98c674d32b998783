import { useEffect, useMemo, useSyncExternalStore } from "react";
import { OmError } from "../../src/contract/errors.ts";
import { isFinalExecutionState, isFinalRunState } from "../../src/contract/states.ts";
import { client } from "../api/client.ts";
import { type AnswerGroup, createAnswerIndex } from "./answers.ts";
import { takeHosts } from "./early-hosts.ts";
import { applyFrame, emptyRunView, openRunView, type RunView } from "./run-state.ts";
import { type Connection, followRun } from "./run-stream.ts";
import { applyOutput, emptyTail, type Tail } from "./tail.ts";

export interface LiveRun {
  readonly view: RunView;
  readonly connection: Connection;
  /** Output as it comes of the host that is followed or was followed last, and its position. */
  readonly tail: Tail;
  readonly tailOf: number | undefined;
  /** Why the run cannot be read, with `connection: "refused"`. */
  readonly problem: unknown;
}

export interface LiveRunHold {
  readonly live: LiveRun;
  /** The answers as they are now; the same list while no host has ended since. */
  answers(): readonly AnswerGroup[];
}

interface LiveStore {
  subscribe(listener: () => void): () => void;
  get(): LiveRun;
  answers(): readonly AnswerGroup[];
  /** Opens the stream; returns what closes it. What was seen stays for the next opening. */
  open(outputPosition: number | undefined): () => void;
}

/**
 * A run as it happens, over one connection that resumes by itself. With `outputPosition` the same connection brings
 * that host's output too, as long as the host runs. Changes are handed to the page at most once a frame of the screen.
 */
export function useLiveRun(runId: number, outputPosition?: number): LiveRunHold {
  const store = useMemo(() => createLiveStore(runId), [runId]);
  const live = useSyncExternalStore(store.subscribe, store.get);
  const followed = stillOpen(live.view, outputPosition) ? outputPosition : undefined;
  useEffect(() => store.open(followed), [store, followed]);
  return { live, answers: store.answers };
}

/** Whether output of the host can still come. Before anything is known it may. */
function stillOpen(view: RunView, position: number | undefined): boolean {
  if (position === undefined || (view.run !== undefined && isFinalRunState(view.run.state))) return false;
  const execution = view.executions[position];
  return execution === undefined || !isFinalExecutionState(execution.state);
}

function createLiveStore(runId: number): LiveStore {
  const listeners = new Set<() => void>();
  const answers = createAnswerIndex();
  let shown: LiveRun = {
    view: emptyRunView,
    connection: "connecting",
    tail: emptyTail,
    tailOf: undefined,
    problem: undefined,
  };
  let next = shown;
  let scheduled = false;
  let beginning: Promise<void> | undefined;

  function change(part: Partial<LiveRun>): void {
    next = { ...next, ...part };
    if (scheduled) return;
    scheduled = true;
    // A timer, not an animation frame: a page in the background keeps up too.
    setTimeout(() => {
      scheduled = false;
      shown = next;
      for (const listener of listeners) listener();
    }, 16);
  }

  function finished(): boolean {
    return next.view.run !== undefined && isFinalRunState(next.view.run.state);
  }

  /** All hosts at once, in columns: the stream goes on from there. */
  async function readHosts(): Promise<void> {
    try {
      const hosts = await takeHosts(runId);
      const { view, executions } = openRunView(hosts);
      answers.fill(executions, hosts.answerOf);
      change({ view });
    } catch (problem) {
      beginning = undefined;
      change({ problem });
      throw problem;
    }
  }

  return {
    get: () => shown,
    answers: answers.groups,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    open(outputPosition) {
      if (outputPosition !== undefined && outputPosition !== next.tailOf) {
        change({ tail: emptyTail, tailOf: outputPosition });
      }
      return followRun({
        runId,
        begin() {
          beginning ??= readHosts();
          return beginning;
        },
        position: () => ({
          since: next.view.seq,
          // What has ended meanwhile prints no more: its output is read whole, not followed.
          ...(outputPosition === undefined || !stillOpen(next.view, outputPosition)
            ? {}
            : {
                output: {
                  position: outputPosition,
                  stdout: next.tail.stdout.length,
                  stderr: next.tail.stderr.length,
                },
              }),
        }),
        onFrame: (frame) => change({ view: applyFrame(next.view, frame, answers.add) }),
        onOutput(output) {
          if (output.position !== outputPosition) return true;
          const tail = applyOutput(next.tail, output);
          if (tail !== undefined) change({ tail });
          return tail !== undefined;
        },
        onConnection: (connection) => change({ connection }),
        readable: () =>
          client.call("GET /runs/:id", { params: { id: runId } }).catch((problem: unknown) => {
            change({ problem });
            throw problem;
          }),
        isRefusal: (error) =>
          error instanceof OmError && (error.status === 401 || error.status === 403 || error.status === 404),
        finished,
      });
    },
  };
}
