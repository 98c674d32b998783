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
/** Hashes that are known to be stored, each for a run. */
const rememberedHashes = 10_000;
/** Rows of chunks held at once while a long stream is put together. */
const chunksAtOnce = 16;

type OutputRow = Tables["output"];

export const outputColumns = ["sha256", "block", "total_bytes", "encoding", "data", "last_run_id"] as const;
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

/**
 * Hashes that this process has seen committed for a run. Until that run has ended and is deleted nobody deletes them. A
 * hash is remembered by `commit` only: a transaction may be undone.
 */
export interface KnownOutputs {
  has(runId: number, sha256: string): boolean;
  commit(runId: number, hashes: Iterable<string>): void;
}

export function createKnownOutputs(): KnownOutputs {
  const known = new Set<string>();
  return {
    has: (runId, sha256) => known.has(`${runId}/${sha256}`),
    commit(runId, hashes) {
      for (const sha256 of hashes) known.add(`${runId}/${sha256}`);
      for (const key of known) {
        if (known.size <= rememberedHashes) break;
        known.delete(key);
      }
    },
  };
}

/**
 * Stores streams of one run by content within a transaction; the same content is stored once, however many hosts gave
 * it. What is stored already is held until the commit and says that this run has it: then nobody deletes it.
 */
export class OutputWriter {
  readonly #database: Database;
  readonly #queries: Queries;
  readonly #known: KnownOutputs;
  readonly #runId: number;
  /** Of whole streams that came in one piece, the usual case: written together by `flush`. */
  readonly #waiting = new Map<string, Uint8Array>();
  readonly #written: string[] = [];

  constructor(database: Database, queries: Queries, known: KnownOutputs, runId: number) {
    this.#database = database;
    this.#queries = queries;
    this.#known = known;
    this.#runId = runId;
  }

  /** Hashes to remember once the transaction is committed. */
  get written(): readonly string[] {
    return this.#written;
  }

  /** A stream that came whole with the end of its execution. */
  addWhole(data: Uint8Array): KeptStream {
    if (data.byteLength === 0) return { sha256: emptySha256, bytes: 0, hasHole: false };
    const sha256 = hash("sha256", data, "hex");
    if (!this.#known.has(this.#runId, sha256)) this.#waiting.set(sha256, data);
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
    for (const sha256 of await this.#hold([...this.#waiting.keys()])) {
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
        rows.push(await outputRow({ sha256, block, total: data.byteLength, runId: this.#runId }, part));
      }
    }
    this.#waiting.clear();
    await this.#insert(rows);
  }

  /** Those that are stored, this run's from now on and nobody's to delete before the commit. */
  async #hold(hashes: readonly string[]): Promise<string[]> {
    const rows = await this.#queries
      .selectFrom("output")
      .select(["sha256", "last_run_id"])
      .where("sha256", "in", hashes)
      .where("block", "=", 0)
      .orderBy("sha256")
      .$if(this.#database.kind !== "sqlite", (query) => query.forUpdate())
      .execute();
    const older = rows.filter((row) => (row.last_run_id ?? 0) < this.#runId).map(({ sha256 }) => sha256);
    if (older.length > 0) {
      await this.#queries
        .updateTable("output")
        .set({ last_run_id: this.#runId })
        .where("sha256", "in", older)
        .where("block", "=", 0)
        .execute();
    }
    return rows.map(({ sha256 }) => sha256);
  }

  /** Another web server may have written the same meanwhile. */
  async #insert(rows: readonly OutputRow[]): Promise<void> {
    const conflict = { key: ["sha256", "block"], highest: "last_run_id" } as const;
    await insertRows(this.#database, this.#queries, "output", outputColumns, rows, conflict);
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
    const data = Buffer.from(placeText({ runId, position, stream: streamNumber(stream) }));
    const row = { sha256, block: 0, total_bytes: bytes, encoding: encodingPieces, data, last_run_id: this.#runId };
    await this.#insert([row]);
    this.#written.push(sha256);
  }

  async #isStored(sha256: string): Promise<boolean> {
    return this.#known.has(this.#runId, sha256) || (await this.#hold([sha256])).length > 0;
  }

  async #writeBlocks(sha256: string, total: number, pieces: AsyncIterable<{ data: Uint8Array }>): Promise<void> {
    const buffer = Buffer.allocUnsafe(blockBytes);
    let filled = 0;
    let block = 0;
    const write = async () => {
      await this.#insert([await outputRow({ sha256, block, total, runId: this.#runId }, buffer.subarray(0, filled))]);
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

interface Block {
  readonly sha256: string;
  readonly block: number;
  readonly total: number;
  readonly runId: number;
}

async function outputRow({ sha256, block, total, runId }: Block, part: Uint8Array): Promise<OutputRow> {
  const compressed = await compressedOrNot(part);
  const row = { sha256, block, total_bytes: total, last_run_id: block === 0 ? runId : null };
  return compressed !== undefined && compressed.byteLength < part.byteLength
    ? { ...row, encoding: encodingZstd, data: compressed }
    : { ...row, encoding: encodingRaw, data: Buffer.from(part) };
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
  const place = await readPlace(queries, sha256);
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

/** Where a content lies that is in pieces. */
export interface PlaceOfPieces {
  readonly runId: number;
  readonly position: number;
  readonly stream: number;
}

export function placeText({ runId, position, stream }: PlaceOfPieces): string {
  return JSON.stringify([runId, position, stream]);
}

/** Undefined where the content lies in blocks. */
export async function readPlace(queries: Queries, sha256: string): Promise<PlaceOfPieces | undefined> {
  const [place] = await readPlaces(queries, [sha256]);
  return place;
}

/** Of those of the contents that lie in pieces. */
export async function readPlaces(queries: Queries, hashes: readonly string[]): Promise<PlaceOfPieces[]> {
  const rows = await queries
    .selectFrom("output")
    .select("data")
    .where("sha256", "in", hashes)
    .where("block", "=", 0)
    .where("encoding", "=", encodingPieces)
    .execute();
  return rows.map(({ data }) => {
    const [runId = 0, position = 0, stream = 0] = JSON.parse(data.toString()) as number[];
    return { runId, position, stream };
  });
}
