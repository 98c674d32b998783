import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";

/** Asks the web server for a file over whatever link there is, waiting for one for a while. */
export type FetchFile = (sha256: string) => AsyncIterable<Uint8Array>;

/**
 * Library files on the controller, by content. A file crosses the link once however many hosts want it at once, and is
 * there only when its SHA-256 is right. The least recently used go when the cache is larger than it may be.
 */
export interface FileCache {
  /** Rejects with `request.not_found` or `controller.unreachable` when it cannot be had. */
  open(sha256: string): Promise<AsyncIterable<Uint8Array>>;
}

export interface FileCacheOptions {
  readonly folder: string;
  readonly limitBytes: number;
  readonly fetch: FetchFile;
  readonly log: Logger;
}

const attempts = 3;

export function createFileCache(options: FileCacheOptions): FileCache {
  const underway = new Map<string, Promise<void>>();
  const ready = mkdir(options.folder, { recursive: true, mode: 0o700 }).then(() => removeUnfinished(options.folder));
  ready.catch(() => undefined);

  async function ensure(sha256: string): Promise<void> {
    await ready;
    const file = join(options.folder, sha256);
    const now = new Date();
    const there = await utimes(file, now, now).then(
      () => true,
      () => false,
    );
    for (let attempt = 1; !there; attempt += 1) {
      try {
        return await download(sha256, file);
      } catch (error) {
        // Cut on the way; the next attempt waits for the next link.
        if (attempt === attempts || !(error instanceof OmError) || error.code !== "controller.unreachable") throw error;
        options.log.info({ sha256, attempt }, "a library file is fetched again");
      }
    }
  }

  async function download(sha256: string, file: string): Promise<void> {
    const unfinished = `${file}.part`;
    const hash = createHash("sha256");
    const target = await open(unfinished, "w", 0o600);
    try {
      for await (const chunk of options.fetch(sha256)) {
        hash.update(chunk);
        await target.writeFile(chunk);
      }
      if (hash.digest("hex") !== sha256) {
        throw new OmError("request.not_found", reasonText("library_damaged", { sha256: sha256.slice(0, 12) }));
      }
      await target.sync();
      await rename(unfinished, file);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    } finally {
      await target.close();
    }
    await shrink(options.folder, options.limitBytes, sha256);
  }

  return {
    async open(sha256) {
      if (!/^[0-9a-f]{64}$/.test(sha256)) throw new OmError("request.not_found", reasonText("library_hex"));
      let ensured = underway.get(sha256);
      if (ensured === undefined) {
        ensured = ensure(sha256).finally(() => underway.delete(sha256));
        underway.set(sha256, ensured);
      }
      await ensured;
      const handle = await open(join(options.folder, sha256), "r");
      return createReadStream("", { fd: handle, highWaterMark: 256 * 1024 });
    },
  };
}

async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (name.endsWith(".part")) await rm(join(folder, name), { force: true });
}

/** Files that are open now stay readable to their readers. */
async function shrink(folder: string, limitBytes: number, keep: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => !name.endsWith(".part"));
  const files = await Promise.all(names.map(async (name) => ({ name, ...(await sizeAndUse(join(folder, name))) })));
  let total = files.reduce((sum, file) => sum + file.bytes, 0);
  for (const file of files.sort((a, b) => a.usedAt - b.usedAt)) {
    if (total <= limitBytes) return;
    if (file.name === keep) continue;
    await rm(join(folder, file.name), { force: true });
    total -= file.bytes;
  }
}

async function sizeAndUse(file: string): Promise<{ bytes: number; usedAt: number }> {
  const { size, mtimeMs } = await stat(file);
  return { bytes: size, usedAt: mtimeMs };
}
