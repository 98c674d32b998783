import { createHash, type Hash } from "node:crypto";
import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompressSync } from "node:zlib";
import type { OutputStream } from "../../contract/engine.ts";
import { bytesOf } from "./bulk.ts";
import type { Queries } from "./database.ts";
import type { RunChange } from "./repositories/executions.ts";
import type { Tables } from "./tables.ts";

/**
 * Streams that still grow: pieces as they came, each compressed for itself. `bytes` is a piece's true length; one whose
 * data is shorter is compressed.
 */

export const chunkColumns = ["run_id", "position", "stream", "chunk_offset", "bytes", "data"] as const;
/** At most so much in a piece. */
const pieceBytes = 256 * 1024;
/** Below this, compressing a piece costs more than it saves. */
const packFrom = 4096;
const compress = promisify(zstdCompress);
const fast = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export interface Piece {
  readonly offset: number;
  readonly data: Uint8Array;
  /** As it is stored. */
  readonly packed: Buffer;
}

export interface StreamPiece extends Piece {
  readonly position: number;
  readonly stream: OutputStream;
}

export function streamNumber(stream: OutputStream): number {
  return stream === "stdout" ? 1 : 2;
}

export function chunkKey(position: number, stream: OutputStream): string {
  return `${position}/${stream}`;
}

export function rawPiece(offset: number, data: Uint8Array): Piece {
  return { offset, data, packed: bytesOf(data) };
}

interface Gathered {
  readonly position: number;
  readonly stream: OutputStream;
  readonly offset: number;
  readonly parts: Uint8Array[];
  bytes: number;
}

/**
 * Output as it is to be stored, neighbours joined. Compressed off this thread, so it belongs before the transaction.
 * Streams that begin and end in this change are left as they are: they are kept by content at once.
 */
export async function packOutput({ output, ended }: RunChange): Promise<StreamPiece[]> {
  const ending = new Set(ended.map(({ position }) => position));
  const open = new Map<string, Gathered>();
  const gathered: Gathered[] = [];
  const whole = new Set<string>();
  for (const { position, stream, offset, data } of output) {
    const key = chunkKey(position, stream);
    if (offset === 0 && ending.has(position)) whole.add(key);
    for (let start = 0; start < data.byteLength; ) {
      let piece = open.get(key);
      if (piece === undefined || piece.offset + piece.bytes !== offset + start || piece.bytes >= pieceBytes) {
        piece = { position, stream, offset: offset + start, parts: [], bytes: 0 };
        open.set(key, piece);
        gathered.push(piece);
      }
      const part = data.subarray(start, start + pieceBytes - piece.bytes);
      piece.parts.push(part);
      piece.bytes += part.byteLength;
      start += part.byteLength;
    }
  }
  return await Promise.all(
    gathered.map(async ({ position, stream, offset, parts, bytes }) => {
      const data = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, bytes);
      const packed = bytes < packFrom || whole.has(chunkKey(position, stream)) ? undefined : await compress(data, fast);
      const shorter = packed !== undefined && packed.byteLength < bytes ? packed : bytesOf(data);
      return { position, stream, offset, data, packed: shorter };
    }),
  );
}

/** What of it lies behind the bytes that are known; undefined where that is nothing. */
export function freshPart(knownBytes: number, piece: Piece): Piece | undefined {
  const { offset, data } = piece;
  const repeated = Math.max(0, Math.min(knownBytes - offset, data.byteLength));
  if (repeated === data.byteLength) return undefined;
  return repeated === 0 ? piece : rawPiece(offset + repeated, data.subarray(repeated));
}

/** A stream that lies in one batch whole, or undefined where bytes between its pieces are not here. */
export function joined(
  pieces: readonly Piece[],
  rest: { readonly offset: number; readonly data: Uint8Array },
): Uint8Array | undefined {
  if (pieces.length === 0) return rest.offset === 0 ? rest.data : undefined;
  let end = 0;
  for (const piece of pieces) {
    if (piece.offset !== end) return undefined;
    end += piece.data.byteLength;
  }
  if (rest.offset > end) return undefined;
  return Buffer.concat([...pieces.map((piece) => piece.data), rest.data.subarray(end - rest.offset)]);
}

export function chunkRow(
  runId: number,
  position: number,
  stream: OutputStream,
  { offset, data, packed }: Piece,
): Tables["output_chunk"] {
  const place = { run_id: runId, position, stream: streamNumber(stream), chunk_offset: offset };
  return { ...place, bytes: data.byteLength, data: packed };
}

export function chunkData(row: Pick<Tables["output_chunk"], "bytes" | "data">): Buffer {
  return row.data.byteLength < row.bytes ? zstdDecompressSync(row.data) : row.data;
}

/** What has come so far of a stream. Ends at a hole. */
export async function readChunks(
  queries: Queries,
  place: { readonly runId: number; readonly position: number; readonly stream: number },
  range: { offset: number; limit: number },
): Promise<Uint8Array> {
  const chunks = queries
    .selectFrom("output_chunk")
    .where("run_id", "=", place.runId)
    .where("position", "=", place.position)
    .where("stream", "=", place.stream);
  const first = await chunks
    .select((build) => build.fn.max("chunk_offset").as("start"))
    .where("chunk_offset", "<=", range.offset)
    .executeTakeFirst();
  const rows = await chunks
    .select(["chunk_offset", "bytes", "data"])
    .where("chunk_offset", ">=", first?.start ?? 0)
    .where("chunk_offset", "<", range.offset + range.limit)
    .orderBy("chunk_offset")
    .execute();
  const parts: Uint8Array[] = [];
  let at = range.offset;
  for (const row of rows) {
    if (row.chunk_offset > at) break;
    const data = chunkData(row);
    const part = data.subarray(at - row.chunk_offset, range.offset + range.limit - row.chunk_offset);
    parts.push(part);
    at += part.byteLength;
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}

/** Streams of which the hash goes on as they grow; the oldest are forgotten, and read again at their end. */
const mostGrowing = 10_000;

/**
 * SHA-256 of streams that grow, so that at their end they need not be read again. What this process has not seen from
 * the first byte on has none. Only what was committed may be told.
 */
export class GrowingHashes {
  readonly #streams = new Map<string, { readonly hash: Hash; end: number }>();

  /**
   * Of the committed stream with these pieces behind it, which make `bytes` in all. Undefined where that is not known:
   * another web server may have written some of it.
   */
  finish(key: string, pieces: readonly Piece[], bytes: number): { sha256: string; bytes: number } | undefined {
    const stream = this.#streams.get(key);
    if (stream === undefined) return undefined;
    const hash = stream.hash.copy();
    let { end } = stream;
    for (const { offset, data } of pieces) {
      if (offset !== end) return undefined;
      hash.update(data);
      end += data.byteLength;
    }
    return end === bytes ? { sha256: hash.digest("hex"), bytes } : undefined;
  }

  committed(key: string, pieces: readonly Piece[]): void {
    for (const { offset, data } of pieces) {
      const stream = this.#streams.get(key) ?? { hash: createHash("sha256"), end: 0 };
      if (stream.end !== offset) {
        this.#streams.delete(key);
        return;
      }
      stream.hash.update(data);
      stream.end += data.byteLength;
      this.#streams.set(key, stream);
    }
    const oldest = this.#streams.size > mostGrowing ? this.#streams.keys().next().value : undefined;
    if (oldest !== undefined) this.#streams.delete(oldest);
  }

  forget(key: string): void {
    this.#streams.delete(key);
  }
}
