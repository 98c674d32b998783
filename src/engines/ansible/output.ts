import { open, rm } from "node:fs/promises";
import type { OutputStream } from "../../contract/engine.ts";
import type { OutputPart, ResultEvent } from "./events.ts";

/** What a host with much to tell tells at a time. */
const sliceBytes = 64 * 1024;

/** Output that lies in a file. */
export type LongPart = OutputPart & { readonly file: string };

/** A host's output a slice at a time, each read when `room` has resolved and the one before was taken. */
export async function* slicesOf(
  part: OutputPart,
  limit: number,
  room: () => Promise<void> | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  if (part.file === undefined) {
    const data = shortBytes(part).subarray(0, limit);
    if (data.length > 0) yield data;
    return;
  }
  await room();
  const file = await open(part.file);
  try {
    for (let at = 0; at < limit; ) {
      if (at > 0) await room();
      const slice = Buffer.allocUnsafe(Math.min(sliceBytes, limit - at));
      const { bytesRead } = await file.read(slice, 0, slice.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield slice.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** All that a result brought in files, told or not. */
export function longParts({ omserver, stdout, stderr, module_stdout, module_stderr }: ResultEvent): LongPart[] {
  return [omserver?.stdout, omserver?.stderr, stdout, stderr, module_stdout, module_stderr].filter(
    (part): part is LongPart => part?.file !== undefined,
  );
}

export async function removeFile({ file }: LongPart): Promise<void> {
  await rm(file, { force: true });
}

/** The first characters of a part that is not long, for a sentence. */
export function shortText(part: OutputPart | undefined): string {
  if (part === undefined) return "";
  return shortBytes(part).subarray(0, 4096).toString("utf8");
}

function shortBytes(part: OutputPart): Buffer {
  return part.data === undefined ? Buffer.from(part.text ?? "", "latin1") : Buffer.from(part.data, "base64");
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
