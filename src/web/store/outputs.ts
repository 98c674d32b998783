import { createHash, hash } from "node:crypto";
import { promisify } from "node:util";
import { zstdCompress, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { OutputStream } from "../../contract/engine.ts";
import { insertRows } from "./bulk.ts";
import type { Database, Queries } from "./database.ts";
import { chunkData, readChunks, streamNumber } from "./output-chunks.ts";
import type { Tables } from "./tables.ts";

/**
 * Kept output by content: SHA-256 of the whole stream → its bytes, in blocks that are compressed each for itself, so
 * that a range of a large one is read without the rest, and no statement or buffer is larger than a block. A long stream
 * that came in pieces stays where they are: its content says where that is, and nothing is written twice.
 */

export const emptySha256 = hash("sha256", "", "hex");
/** Bytes of a block before compression. */
const blockBytes = 256 * 1024;
/** Below this, zstd costs more than it saves. */
const compressFrom = 512;
const encodingRaw = 0;
const encodingZstd = 1;
/** The content lies in the pieces of a stream; `data` says of which. */
const encodingPieces = 2;
/** Pieces stay where they are from this length on, if they are not many small ones. */
const stayFrom = 1024 * 1024;
const smallestPieces = 16 * 1024;
/** From this length on, compressing is left to another thread. */
const compressElsewhereFrom = 32 * 1024;
/** Hashes that are known to be stored; content is never deleted. */
const rememberedHashes = 10_000;
/** Rows of chunks held at once while a long stream is put together. */
const chunksAtOnce = 16;

type OutputRow = Tables["output"];

export const outputColumns = ["sha256", "block", "total_bytes", "encoding", "data"] as const;
/** A stream that has ended, all of it in pieces. */
export interface EndedStream {
  readonly runId: number;
  readonly position: number;
  readonly stream: OutputStream;
}

export interface KeptStream {
  readonly sha256: string;
  readonly bytes: number;
  /** Bytes between two pieces never came. */
  readonly hasHole: boolean;
}

/** Hashes that this process has seen committed. A hash is remembered by `commit` only: a transaction may be undone. */
export interface KnownOutputs {
  has(sha256: string): boolean;
  commit(hashes: Iterable<string>): void;
}

export function createKnownOutputs(): KnownOutputs {
  const known = new Set<string>();
  return {
    has: (sha256) => known.has(sha256),
    commit(hashes) {
      for (const sha256 of hashes) known.add(sha256);
      for (const sha256 of known) {
        if (known.size <= rememberedHashes) break;
        known.delete(sha256);
      }
    },
  };
}

/** Stores streams by content within a transaction; the same content is stored once, however many hosts gave it. */
export class OutputWriter {
  readonly #database: Database;
  readonly #queries: Queries;
  readonly #known: KnownOutputs;
  /** Of whole streams that came in one piece, the usual case: written together by `flush`. */
  readonly #waiting = new Map<string, Uint8Array>();
  readonly #written: string[] = [];

  constructor(database: Database, queries: Queries, known: KnownOutputs) {
    this.#database = database;
    this.#queries = queries;
    this.#known = known;
  }

  /** Hashes to remember once the transaction is committed. */
  get written(): readonly string[] {
    return this.#written;
  }

  /** A stream that came whole with the end of its execution. */
  addWhole(data: Uint8Array): KeptStream {
    if (data.byteLength === 0) return { sha256: emptySha256, bytes: 0, hasHole: false };
    const sha256 = hash("sha256", data, "hex");
    if (!this.#known.has(sha256)) this.#waiting.set(sha256, data);
    return { sha256, bytes: data.byteLength, hasHole: false };
  }

  /**
   * A stream that came in pieces, all of which are in the store. They stay, as its content, or are put together and go.
   * `known` saves reading them for their hash. Never held whole.
   */
  async addPieces(ended: EndedStream, known: { sha256: string; bytes: number } | undefined): Promise<KeptStream> {
    const kept = known === undefined ? await this.#identify(ended) : { ...known, hasHole: false };
    const isNew = kept.bytes > 0 && !(await this.#isStored(kept.sha256));
    if (isNew && !kept.hasHole && (await this.#mayStay(ended, kept.bytes))) {
      await this.#writeReference(ended, kept);
      return kept;
    }
    if (isNew) await this.#writeBlocks(kept.sha256, kept.bytes, this.#pieces(ended));
    await this.#queries
      .deleteFrom("output_chunk")
      .where("run_id", "=", ended.runId)
      .where("position", "=", ended.position)
      .where("stream", "=", streamNumber(ended.stream))
      .execute();
    return kept;
  }

  /** Writes what waits. */
  async flush(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const stored = await this.#queries
      .selectFrom("output")
      .select("sha256")
      .where("sha256", "in", [...this.#waiting.keys()])
      .where("block", "=", 0)
      .execute();
    for (const { sha256 } of stored) {
      this.#waiting.delete(sha256);
      this.#written.push(sha256);
    }
    // In one order, so that two writers of the same content never wait for each other crosswise.
    const missing = [...this.#waiting].sort(([left], [right]) => (left < right ? -1 : 1));
    const rows: OutputRow[] = [];
    for (const [sha256, data] of missing) {
      this.#written.push(sha256);
      for (let block = 0; block * blockBytes < data.byteLength; block += 1) {
        const part = data.subarray(block * blockBytes, (block + 1) * blockBytes);
        rows.push(await outputRow(sha256, block, data.byteLength, part));
      }
    }
    this.#waiting.clear();
    await insertRows(this.#database, this.#queries, "output", outputColumns, rows, "keep_old");
  }

  async #identify(ended: EndedStream): Promise<KeptStream> {
    const hasher = createHash("sha256");
    let bytes = 0;
    let hasHole = false;
    for await (const piece of this.#pieces(ended)) {
      hasher.update(piece.data);
      bytes += piece.data.byteLength;
      hasHole ||= piece.afterHole;
    }
    return { sha256: hasher.digest("hex"), bytes, hasHole };
  }

  async #mayStay({ runId, position, stream }: EndedStream, bytes: number): Promise<boolean> {
    if (bytes < stayFrom) return false;
    const row = await this.#queries
      .selectFrom("output_chunk")
      .select((build) => build.fn.countAll<number>().as("count"))
      .where("run_id", "=", runId)
      .where("position", "=", position)
      .where("stream", "=", streamNumber(stream))
      .executeTakeFirstOrThrow();
    return Number(row.count) * smallestPieces <= bytes;
  }

  async #writeReference({ runId, position, stream }: EndedStream, { sha256, bytes }: KeptStream): Promise<void> {
    const data = Buffer.from(JSON.stringify([runId, position, streamNumber(stream)]));
    const row = { sha256, block: 0, total_bytes: bytes, encoding: encodingPieces, data };
    await insertRows(this.#database, this.#queries, "output", outputColumns, [row], "keep_old");
    this.#written.push(sha256);
  }

  async #isStored(sha256: string): Promise<boolean> {
    if (this.#known.has(sha256)) return true;
    const row = await this.#queries
      .selectFrom("output")
      .select("sha256")
      .where("sha256", "=", sha256)
      .where("block", "=", 0)
      .executeTakeFirst();
    return row !== undefined;
  }

  async #writeBlocks(sha256: string, total: number, pieces: AsyncIterable<{ data: Uint8Array }>): Promise<void> {
    const buffer = Buffer.allocUnsafe(blockBytes);
    let filled = 0;
    let block = 0;
    const write = async () => {
      const row = await outputRow(sha256, block, total, buffer.subarray(0, filled));
      await insertRows(this.#database, this.#queries, "output", outputColumns, [row], "keep_old");
      block += 1;
      filled = 0;
    };
    for await (const { data } of pieces) {
      for (let start = 0; start < data.byteLength; ) {
        const part = data.subarray(start, start + blockBytes - filled);
        buffer.set(part, filled);
        filled += part.byteLength;
        start += part.byteLength;
        if (filled === blockBytes) await write();
      }
    }
    if (filled > 0) await write();
    this.#written.push(sha256);
  }

  /** The stream in order. Pieces of one stream never overlap. */
  async *#pieces({ runId, position, stream }: EndedStream): AsyncGenerator<{ data: Uint8Array; afterHole: boolean }> {
    let end = 0;
    let after = -1;
    for (;;) {
      const rows = await this.#queries
        .selectFrom("output_chunk")
        .select(["chunk_offset", "bytes", "data"])
        .where("run_id", "=", runId)
        .where("position", "=", position)
        .where("stream", "=", streamNumber(stream))
        .where("chunk_offset", ">", after)
        .orderBy("chunk_offset")
        .limit(chunksAtOnce)
        .execute();
      for (const row of rows) {
        yield { data: chunkData(row), afterHole: row.chunk_offset > end };
        end = row.chunk_offset + row.bytes;
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < chunksAtOnce) return;
      after = last.chunk_offset;
      await this.#database.breathe();
    }
  }
}

const compress = promisify(zstdCompress);

async function outputRow(sha256: string, block: number, total: number, part: Uint8Array): Promise<OutputRow> {
  const compressed = await compressedOrNot(part);
  return compressed !== undefined && compressed.byteLength < part.byteLength
    ? { sha256, block, total_bytes: total, encoding: encodingZstd, data: compressed }
    : { sha256, block, total_bytes: total, encoding: encodingRaw, data: Buffer.from(part) };
}

function compressedOrNot(part: Uint8Array): Promise<Buffer> | Buffer | undefined {
  if (part.byteLength < compressFrom) return undefined;
  return part.byteLength < compressElsewhereFrom ? zstdCompressSync(part) : compress(part);
}

/** At most `limit` bytes from `offset` on; empty past the end. */
export async function readContent(
  queries: Queries,
  sha256: string,
  range: { offset: number; limit: number },
): Promise<Uint8Array> {
  if (sha256 === emptySha256 || range.limit <= 0) return new Uint8Array();
  const place = await placeOfPieces(queries, sha256);
  if (place !== undefined) return await readChunks(queries, place, range);
  const first = Math.floor(range.offset / blockBytes);
  const last = Math.floor((range.offset + range.limit - 1) / blockBytes);
  const parts: Uint8Array[] = [];
  for (let block = first; block <= last; block += 1) {
    const row = await queries
      .selectFrom("output")
      .select(["encoding", "data"])
      .where("sha256", "=", sha256)
      .where("block", "=", block)
      .executeTakeFirst();
    if (row === undefined) break;
    const data = row.encoding === encodingZstd ? zstdDecompressSync(row.data) : row.data;
    const start = Math.max(0, range.offset - block * blockBytes);
    parts.push(data.subarray(start, range.offset + range.limit - block * blockBytes));
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}

/** Undefined where the content lies in blocks. */
async function placeOfPieces(queries: Queries, sha256: string) {
  const row = await queries
    .selectFrom("output")
    .select("data")
    .where("sha256", "=", sha256)
    .where("block", "=", 0)
    .where("encoding", "=", encodingPieces)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const [runId = 0, position = 0, stream = 0] = JSON.parse(row.data.toString()) as number[];
  return { runId, position, stream };
}
