import { stepStatuses } from "../../contract/engine.ts";
import { largestInteger } from "../../contract/http/schemas/fields.ts";
import type { Ended, Event, Facts, Notice, Step } from "../../contract/link/controller_pb.ts";
import { reasonText } from "../../contract/reasons.ts";
import { type FinalExecutionState, finalExecutionStates, type OutputCompleteness } from "../../contract/states.ts";
import type { EndedExecution, RunChange } from "../store/repositories/executions.ts";

type StoredStep = NonNullable<RunChange["steps"]>[number];
type StoredFacts = NonNullable<RunChange["facts"]>[number];

/** Notices of a batch, also those that are not kept with their host; they do not change executions. */
export interface FoldedNotice {
  readonly position: number;
  readonly seq: number;
  readonly at: number;
  readonly code: string;
  readonly message: string;
}

/**
 * Events in order, without gaps, folded into one change of the store. What a controller sends is checked, not trusted:
 * numbers that no database or no reader could take are cut to the nearest that they can, hosts and offsets that no run
 * has are left out. Text is cut where it is stored (check-text.ts).
 */
export function foldEvents(
  runUid: string,
  controller: string,
  events: readonly Event[],
): { readonly change: RunChange; readonly notices: readonly FoldedNotice[] } {
  const dispatching: number[] = [];
  const running: { position: number; at: number }[] = [];
  const output: RunChange["output"][number][] = [];
  const ended: EndedExecution[] = [];
  const notices: FoldedNotice[] = [];
  const steps: StoredStep[] = [];
  const facts: StoredFacts[] = [];
  let runEnded = false;
  for (const { kind, atMs, seq } of events) {
    const at = within(atMs, 0, latestTime);
    if (kind.value !== undefined && "position" in kind.value && !isPlace(kind.value.position)) continue;
    switch (kind.case) {
      case "dispatching":
        for (const position of kind.value.positions.filter(isPlace)) dispatching.push(position);
        break;
      case "running":
        for (const position of kind.value.positions.filter(isPlace)) running.push({ position, at });
        break;
      case "output": {
        const { position, stderr, offset, data } = kind.value;
        if (offset > farthestOffset) break;
        output.push({ position, stream: stderr ? "stderr" : "stdout", offset: Number(offset), data });
        break;
      }
      case "ended":
        ended.push(endedExecution(kind.value, at));
        break;
      case "notice":
        notices.push({ seq: Number(seq), at, ...noticeOf(kind.value) });
        break;
      case "runEnded":
        runEnded = true;
        break;
      case "step":
        steps.push({ position: kind.value.position, seq: Number(seq), step: stepOf(kind.value) });
        break;
      case "facts": {
        const known = factsOf(kind.value);
        if (known !== undefined) facts.push({ position: kind.value.position, at, facts: known });
        break;
      }
      // An event of a newer controller; it has its place in the sequence all the same.
      case undefined:
        break;
    }
  }
  const change = {
    runUid,
    controller,
    firstSeq: Number(events[0]?.seq ?? 0n),
    lastSeq: Number(events.at(-1)?.seq ?? 0n),
    dispatching,
    running,
    output,
    ended,
    steps,
    facts,
    // Trusted keys have their place in the audit; what a controller says of itself is for the log.
    notices: notices.filter(({ code }) => code === "engine"),
    runEnded,
  };
  return { change, notices };
}

function noticeOf({ position, code, message }: Notice): Pick<FoldedNotice, "position" | "code" | "message"> {
  return { position, code, message };
}

function stepOf({ path, name, action, status, message, diff, milliseconds }: Step): StoredStep["step"] {
  const known = stepStatuses.find((each) => each === status);
  return {
    path,
    name,
    action,
    // A status of a newer controller is no reason to call the step a success.
    status: known ?? "failed",
    message: known === undefined ? `${status.slice(0, 40)}: ${message}` : message,
    diff,
    ...(milliseconds === undefined ? {} : { milliseconds: within(milliseconds, 0, largestInteger) }),
  };
}

/** Undefined when they are no JSON object: facts are what a host said, and nothing stands on them. */
function factsOf({ facts }: Facts): StoredFacts["facts"] | undefined {
  try {
    const known: unknown = JSON.parse(new TextDecoder().decode(facts));
    return typeof known === "object" && known !== null && !Array.isArray(known) ? { ...known } : undefined;
  } catch {
    return undefined;
  }
}

function endedExecution(ended: Ended, at: number): EndedExecution {
  const known = (finalExecutionStates as readonly string[]).includes(ended.state);
  return {
    position: ended.position,
    at,
    state: known ? (ended.state as FinalExecutionState) : "unknown",
    ...(ended.exitCode === undefined ? {} : { exitCode: ended.exitCode }),
    signal: ended.signal,
    reason: known ? ended.reason : reasonText("state_unknown_here", { state: ended.state.slice(0, 40) }),
    stdoutBytes: within(ended.stdoutBytes, 0, Number.MAX_SAFE_INTEGER),
    stderrBytes: within(ended.stderrBytes, 0, Number.MAX_SAFE_INTEGER),
    output: completeness(ended.output),
    stdout: restOf(ended.stdoutOffset, ended.stdout),
    stderr: restOf(ended.stderrOffset, ended.stderr),
  };
}

function completeness(text: string): OutputCompleteness {
  return text === "complete" || text === "truncated" ? text : "partial";
}

/** The last millisecond that a JavaScript date can be. */
const latestTime = 8_640_000_000_000_000;
/** A thousand times what the largest output limit keeps of a stream. */
const farthestOffset = 2n ** 38n;

function within(value: bigint | number, least: number, most: number): number {
  return Math.min(Math.max(Number(value), least), most);
}

/** Beyond, no column holds it, and no run has so many hosts. */
function isPlace(position: number): boolean {
  return position <= largestInteger;
}

function restOf(offset: bigint, data: Uint8Array): EndedExecution["stdout"] {
  return offset > farthestOffset ? { offset: 0, data: new Uint8Array() } : { offset: Number(offset), data };
}
