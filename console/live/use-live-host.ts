import { useEffect, useRef, useState } from "react";
import { OmError } from "../../src/contract/errors.ts";
import { isFinalExecutionState } from "../../src/contract/states.ts";
import { client } from "../api/client.ts";
import type { Execution } from "../api/types.ts";
import { type Connection, followRun } from "./run-stream.ts";
import { applyOutput, emptyTail, type Tail } from "./tail.ts";

export interface LiveHost<Known extends Execution> {
  readonly execution: Known;
  /** What it printed so far. */
  readonly tail: Tail;
  readonly connection: Connection;
}

/**
 * One host of a run as it happens, from what is known of it: its state and its output over the run's stream, without
 * the other hosts. Nothing is connected once the host has ended. Another run or host needs another component.
 */
export function useLiveHost<Known extends Execution>(runId: number, known: Known): LiveHost<Known> {
  const { position } = known;
  const [seen, setSeen] = useState<Execution>(known);
  const [tail, setTail] = useState(emptyTail);
  const [connection, setConnection] = useState<Connection>("connecting");
  const latest = useRef({ seq: known.liveSeq, tail: emptyTail });
  const execution = seen.liveSeq > known.liveSeq ? { ...known, ...seen } : known;
  const isOver = isFinalExecutionState(execution.state);
  useEffect(() => {
    if (isOver) return undefined;
    return followRun({
      runId,
      position: () => {
        const { stdout, stderr } = latest.current.tail;
        return { since: latest.current.seq, output: { position, stdout: stdout.length, stderr: stderr.length } };
      },
      onFrame(frame) {
        latest.current.seq = Math.max(latest.current.seq, frame.seq);
        const changed = frame.executions.find((one) => one.position === position);
        if (changed !== undefined) setSeen((before) => (changed.liveSeq > before.liveSeq ? changed : before));
      },
      onOutput(output) {
        if (output.position !== position) return true;
        const next = applyOutput(latest.current.tail, output);
        if (next === undefined) return false;
        latest.current.tail = next;
        setTail(next);
        return true;
      },
      onConnection: setConnection,
      readable: () => client.call("GET /runs/:id", { params: { id: runId } }),
      isRefusal: (error) =>
        error instanceof OmError && (error.status === 401 || error.status === 403 || error.status === 404),
      finished: () => false,
    });
  }, [runId, position, isOver]);
  return { execution, tail, connection };
}
