import type { LiveOutput } from "../api/types.ts";

/** The latest bytes of one stream of a running host. */
export interface TailStream {
  /** Bytes seen so far, also those no longer kept here: where a new connection resumes. */
  readonly length: number;
  /** The kept end of them. */
  readonly chunks: readonly Uint8Array[];
  readonly keptBytes: number;
}

export interface Tail {
  readonly stdout: TailStream;
  readonly stderr: TailStream;
}

const emptyStream: TailStream = { length: 0, chunks: [], keptBytes: 0 };
export const emptyTail: Tail = { stdout: emptyStream, stderr: emptyStream };

/** So much of a growing stream is kept on the page; older chunks go first. Its whole is fetched once it has ended. */
export const tailLimitBytes = 2_000_000;

/**
 * The tail after a piece of output. What was seen before is cut off, so a piece applied twice changes nothing; a piece
 * that begins behind the end (`undefined` comes back) means that something was missed: connect again from `length`.
 */
export function applyOutput(tail: Tail, output: LiveOutput): Tail | undefined {
  const stream = tail[output.stream];
  if (output.offset > stream.length) return undefined;
  const data = bytesOf(output.data);
  const news = data.subarray(stream.length - output.offset);
  if (news.length === 0) return tail;
  return { ...tail, [output.stream]: append(stream, news) };
}

/** The kept bytes in one piece, to decode. */
export function tailBytes(stream: TailStream): Uint8Array {
  const whole = new Uint8Array(stream.keptBytes);
  let at = 0;
  for (const chunk of stream.chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function append(stream: TailStream, news: Uint8Array): TailStream {
  const chunks = [...stream.chunks, news];
  let keptBytes = stream.keptBytes + news.length;
  while (chunks.length > 1 && keptBytes > tailLimitBytes) {
    keptBytes -= chunks.shift()?.length ?? 0;
  }
  return { length: stream.length + news.length, chunks, keptBytes };
}

function bytesOf(base64: string): Uint8Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}
