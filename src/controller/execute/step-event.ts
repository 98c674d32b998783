import type { EngineEvent, StepEvent } from "../../contract/engine.ts";
import type { NewEvent } from "../spool/new-event.ts";
import { redactText } from "./redact.ts";

/** Bounds of what an engine may tell of a step and of a host's facts; see {@link StepEvent}. */
const longestName = 200;
const deepestPath = 8;
const longestMessage = 4096;
const longestDiff = 64 * 1024;
const mostFactBytes = 256 * 1024;

/** A step as it goes to the web server: bounded, whatever the engine made of a host's answer, and without secrets. */
export function stepEvent(step: StepEvent, secrets: readonly string[]): NewEvent {
  const clean = (text: string, most: number): string => cut(redactText(text, secrets), most);
  return {
    atMs: BigInt(Date.now()),
    kind: {
      case: "step",
      value: {
        position: step.position,
        path: step.path.slice(0, deepestPath).map((part) => clean(part, longestName)),
        name: clean(step.name, longestName),
        action: clean(step.action, longestName),
        status: step.status,
        message: clean(step.message ?? "", longestMessage),
        diff: clean(step.diff ?? "", longestDiff),
        ...(step.milliseconds === undefined ? {} : { milliseconds: Math.max(0, Math.round(step.milliseconds)) }),
      },
    },
  };
}

/** Facts as they go to the web server; undefined when they are too large to be kept. */
export function factsEvent(
  { position, facts }: Extract<EngineEvent, { kind: "facts" }>,
  secrets: readonly string[],
): NewEvent | undefined {
  const bytes = new TextEncoder().encode(redactText(JSON.stringify(facts), secrets));
  if (bytes.byteLength > mostFactBytes) return undefined;
  return { atMs: BigInt(Date.now()), kind: { case: "facts", value: { position, facts: bytes } } };
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
