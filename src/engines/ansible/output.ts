import { createReadStream, rmSync } from "node:fs";
import type { EngineEvent, OutputStream } from "../../contract/engine.ts";
import type { OutputPart, ResultEvent } from "./events.ts";

const chunkBytes = 256 * 1024;

/** A host's output as events, read from its file as fast as it is wanted; the file is gone afterwards. */
export async function* outputEvents(
  position: number,
  stream: OutputStream,
  part: OutputPart | undefined,
  limit: number,
): AsyncGenerator<EngineEvent, void, undefined> {
  if (part === undefined) return;
  if (part.file === undefined) {
    const data = part.data === undefined ? Buffer.from(part.text ?? "", "latin1") : Buffer.from(part.data, "base64");
    if (data.length > 0) yield { kind: "output", position, stream, data: data.subarray(0, limit) };
    return;
  }
  try {
    for await (const data of createReadStream(part.file, { highWaterMark: chunkBytes, end: limit - 1 })) {
      yield { kind: "output", position, stream, data: data as Buffer };
    }
  } finally {
    rmSync(part.file, { force: true });
  }
}

/** The first characters of a part that is not long, for a sentence. */
export function shortText(part: OutputPart | undefined): string {
  if (part === undefined) return "";
  const data = part.data === undefined ? Buffer.from(part.text ?? "", "latin1") : Buffer.from(part.data, "base64");
  return data.subarray(0, 4096).toString("utf8");
}

export interface StreamPart {
  readonly stream: OutputStream;
  readonly part: OutputPart;
}

/** What a program printed, with what the engine says before it. */
export function programOutput({ omserver }: ResultEvent): StreamPart[] {
  return parts([
    ["stdout", omserver?.before],
    ["stdout", omserver?.stdout],
    ["stderr", omserver?.stderr],
  ]);
}

/** What a module printed; else what it returned, as JSON. */
export function moduleOutput(result: ResultEvent): StreamPart[] {
  const printed = parts([
    ["stdout", result.stdout],
    ["stderr", result.stderr ?? result.module_stderr],
  ]);
  if (printed.length > 0 || result.answer === undefined || result.answer === "{}") return printed;
  const text = Buffer.from(`${result.answer}\n`);
  return [{ stream: "stdout", part: { data: text.toString("base64"), bytes: text.length } }];
}

function parts(named: readonly (readonly [OutputStream, OutputPart | undefined])[]): StreamPart[] {
  return named.flatMap(([stream, part]) => (part === undefined || part.bytes === 0 ? [] : [{ stream, part }]));
}
