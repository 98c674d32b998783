import type { StepEvent } from "../../contract/engine.ts";
import type { ResultEvent } from "./events.ts";
import { oneLine } from "./host-progress.ts";
import { shortText } from "./output.ts";

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

/** The steps of a host in plays as lines of text, for readers of the output; what a failed program printed stands in it. */
export class StepLog {
  readonly #limit: number;
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** All that was said, kept or not. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What of it there is still room for. */
  take(result: ResultEvent): Uint8Array {
    const place = [...result.path, result.name || result.action].join(" › ");
    const ignored = result.ignored ? " (ignored)" : "";
    const words = result.message === "" || result.status === "ok" ? "" : `: ${oneLine(result.message)}`;
    const printed = result.status === "failed" ? `${shortText(result.stdout)}${shortText(result.stderr)}` : "";
    const end = printed === "" || printed.endsWith("\n") ? "" : "\n";
    const data = Buffer.from(`${result.status}${ignored}: ${place}${words}\n${printed}${end}`);
    const room = Math.max(0, this.#limit - this.#bytes);
    this.#bytes += data.length;
    return data.subarray(0, room);
  }
}
