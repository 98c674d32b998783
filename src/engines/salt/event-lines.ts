/**
 * Reads Salt's event stream (server-sent events, each with its `tag:` before its `data:`). The master's bus carries
 * everybody's jobs: what is not wanted is passed over without being kept, and what is wanted is bounded.
 */
export interface EventReader {
  push(chunk: Uint8Array): void;
}

export interface EventHandlers {
  /** Any line: the stream is alive. Called at least once before the first event. */
  alive(): void;
  wants(tag: string): boolean;
  /** The JSON of a wanted event; undefined when it was longer than the limit. */
  take(tag: string, data: string | undefined): void;
}

const mostTagBytes = 1024;

export function createEventReader(handlers: EventHandlers, mostBytes: number): EventReader {
  let kind: "unknown" | "tag" | "data" | "skip" = "unknown";
  let tag: string | undefined;
  let kept: Uint8Array[] = [];
  let keptBytes = 0;
  let over = false;

  function keep(part: Uint8Array): void {
    const most = kind === "data" ? mostBytes : mostTagBytes;
    if (keptBytes + part.length > most) {
      over = true;
      kept = [];
    }
    keptBytes += part.length;
    if (!over) kept.push(part);
  }
  /** What a line is shows in its first bytes. */
  function begin(part: Uint8Array): Uint8Array {
    const joined = kept.length === 0 ? part : Buffer.concat([...kept, part]);
    if (joined.length < 6) return joined;
    const word = Buffer.from(joined.buffer, joined.byteOffset, 6).toString("latin1");
    if (word.startsWith("tag: ")) kind = "tag";
    else if (word === "data: ") kind = tag === undefined ? "skip" : "data";
    else kind = "skip";
    return joined;
  }
  function endLine(): void {
    handlers.alive();
    const text = over || kind === "skip" ? "" : Buffer.concat(kept).toString("utf8");
    if (kind === "tag" && !over) {
      const found = text.slice(5).trim();
      tag = handlers.wants(found) ? found : undefined;
    } else if (kind === "data" && tag !== undefined) {
      handlers.take(tag, over ? undefined : text.slice(6));
      tag = undefined;
    }
    kind = "unknown";
    kept = [];
    keptBytes = 0;
    over = false;
  }

  return {
    push(chunk) {
      let at = 0;
      while (at < chunk.length) {
        const end = chunk.indexOf(10, at);
        let part = chunk.subarray(at, end === -1 ? chunk.length : end);
        if (kind === "unknown") {
          part = begin(part);
          kept = [];
          keptBytes = 0;
        }
        if (kind !== "skip") keep(part);
        if (end === -1) return;
        endLine();
        at = end + 1;
      }
    },
  };
}
