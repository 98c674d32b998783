import type { StepEvent } from "../../contract/engine.ts";
import type { ResultEvent } from "./events.ts";

const longestName = 200;

export function stepEvent(position: number, result: ResultEvent): StepEvent {
  const { status, message, diff, action } = result;
  return {
    kind: "step",
    position,
    path: result.path.map((part) => part.slice(0, longestName)),
    name: (result.name || action).slice(0, longestName),
    action: action.slice(0, longestName),
    status,
    ...(message === "" ? {} : { message }),
    ...(diff === undefined ? {} : { diff }),
  };
}
