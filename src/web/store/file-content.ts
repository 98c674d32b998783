import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { notFound } from "./store-errors.ts";

/** Content of library files, named by its SHA-256 and never changed. */
export interface FileContent {
  /**
   * Keeps what the stream gives; durable when it resolves. The same content again changes nothing. Past `maxBytes`
   * (`request.too_large`), or when the stream fails, nothing is kept.
   */
  put(
    stream: AsyncIterable<Uint8Array | string>,
    maxBytes: number,
  ): Promise<{ readonly sha256: string; readonly bytes: number }>;
  /** `request.not_found` where there is no such content. */
  open(sha256: string): Promise<Readable>;
  has(sha256: string): Promise<boolean>;
  /** Reads the content and holds it against its name: its size, or undefined when it is missing or damaged. */
  check(sha256: string): Promise<{ readonly bytes: number } | undefined>;
}

/** What a crash left half-written is taken away after this long; nothing uploads for a day. */
const abandonedAfterMilliseconds = 86_400_000;

/** Keeps content in `<folder>/<first two digits>/<sha256>`. The folder is made where missing, for its owner only. */
export function createFileContent(folder: string): FileContent {
  const incoming = join(folder, "incoming");
  let prepared: Promise<void> | undefined;

  async function prepare(): Promise<void> {
    await mkdir(incoming, { recursive: true, mode: 0o700 });
    for (const name of await readdir(incoming)) {
      const age = Date.now() - (await stat(join(incoming, name)).then((stats) => stats.mtimeMs, Date.now));
      if (age > abandonedAfterMilliseconds) await rm(join(incoming, name), { force: true });
    }
  }

  return {
    async put(stream, maxBytes) {
      prepared ??= prepare().catch((error: unknown) => {
        prepared = undefined;
        throw error;
      });
      await prepared;
      const temporary = join(incoming, randomUUID());
      try {
        const written = await writeFile(temporary, stream, maxBytes);
        const place = contentFolder(folder, written.sha256);
        await mkdir(place, { recursive: true, mode: 0o700 });
        await rename(temporary, join(place, written.sha256));
        await syncFolder(place);
        await syncFolder(folder);
        return written;
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },

    async open(sha256) {
      const handle = await openContent(folder, sha256);
      if (handle === undefined) throw notFound(reasonText("thing_file_content", { sha256: sha256.slice(0, 64) }));
      return handle.createReadStream({ autoClose: true });
    },

    async has(sha256) {
      const handle = await openContent(folder, sha256);
      await handle?.close();
      return handle !== undefined;
    },

    async check(sha256) {
      const handle = await openContent(folder, sha256);
      if (handle === undefined) return undefined;
      const hasher = createHash("sha256");
      let bytes = 0;
      for await (const piece of handle.createReadStream({ autoClose: true })) {
        hasher.update(piece as Buffer);
        bytes += (piece as Buffer).byteLength;
      }
      return hasher.digest("hex") === sha256 ? { bytes } : undefined;
    },
  };
}

async function writeFile(path: string, stream: AsyncIterable<Uint8Array | string>, maxBytes: number) {
  const handle = await open(path, "wx", 0o600);
  try {
    const hasher = createHash("sha256");
    let bytes = 0;
    for await (const piece of stream) {
      const data = typeof piece === "string" ? Buffer.from(piece) : piece;
      bytes += data.byteLength;
      if (bytes > maxBytes) {
        throw new OmError("request.too_large", reasonText("file_too_large", { bytes: maxBytes }));
      }
      hasher.update(data);
      await writeAll(handle, data);
    }
    await handle.sync();
    return { sha256: hasher.digest("hex"), bytes };
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, data: Uint8Array): Promise<void> {
  for (let start = 0; start < data.byteLength; ) {
    start += (await handle.write(data, start)).bytesWritten;
  }
}

/** Regular files only: a link in the folder is no content, whatever it points at. */
async function openContent(folder: string, sha256: string): Promise<FileHandle | undefined> {
  if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  const path = join(contentFolder(folder, sha256), sha256);
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR") return undefined;
    throw error;
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  return undefined;
}

function contentFolder(folder: string, sha256: string): string {
  return join(folder, sha256.slice(0, 2));
}

/** A rename is durable once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
