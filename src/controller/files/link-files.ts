import { create } from "@bufbuild/protobuf";
import { OmError } from "../../contract/errors.ts";
import { ControllerFrameSchema, type FileChunk } from "../../contract/link/controller_pb.ts";
import type { ControllerEnd } from "../../contract/link/link.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { FetchFile } from "./file-cache.ts";

/** Files over the link: asks for them, and hands the chunks that arrive to who asked. */
export interface LinkFiles {
  readonly fetch: FetchFile;
  /** Resolves when the asker has room again; the link is not read meanwhile. */
  take(chunk: FileChunk): Promise<void>;
  /** A new link, or none: what was underway on the old one fails. */
  use(end: ControllerEnd | undefined): void;
}

interface Download {
  chunks: Uint8Array[];
  finished: boolean;
  error?: OmError;
  wakeReader: () => void;
  wakeWriter: () => void;
}

/** Chunks that wait for their reader, at most. */
const windowChunks = 16;

/** `patience`: how long to wait for a link, in milliseconds. */
export function createLinkFiles(patience: number): LinkFiles {
  let link: ControllerEnd | undefined;
  let lastId = 0;
  const downloads = new Map<number, Download>();
  let linkWaiters: (() => void)[] = [];

  async function waitForLink(sha256: string): Promise<ControllerEnd> {
    if (link === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, patience);
      linkWaiters.push(resolve);
      await promise;
      clearTimeout(timer);
    }
    if (link !== undefined) return link;
    throw new OmError("controller.unreachable", reasonText("library_unfetched", { sha256: sha256.slice(0, 12) }));
  }

  async function* fetch(sha256: string): AsyncGenerator<Uint8Array> {
    const end = await waitForLink(sha256);
    lastId += 1;
    const id = lastId;
    const download: Download = {
      chunks: [],
      finished: false,
      wakeReader: () => undefined,
      wakeWriter: () => undefined,
    };
    downloads.set(id, download);
    try {
      await end.send(create(ControllerFrameSchema, { frame: { case: "fileRequest", value: { id, sha256 } } }));
      for (;;) {
        const chunk = download.chunks.shift();
        download.wakeWriter();
        if (chunk !== undefined) {
          yield chunk;
          continue;
        }
        if (download.error !== undefined) throw download.error;
        if (download.finished) return;
        await new Promise<void>((resolve) => {
          download.wakeReader = resolve;
        });
      }
    } finally {
      downloads.delete(id);
      download.wakeWriter();
    }
  }

  return {
    fetch,
    async take(chunk) {
      const download = downloads.get(chunk.id);
      if (download === undefined) return;
      if (chunk.error !== "") download.error = new OmError("request.not_found", chunk.error);
      else if (chunk.data.byteLength > 0) download.chunks.push(chunk.data);
      if (chunk.last) download.finished = true;
      download.wakeReader();
      while (download.chunks.length > windowChunks && downloads.has(chunk.id)) {
        await new Promise<void>((resolve) => {
          download.wakeWriter = resolve;
        });
      }
    },
    use(end) {
      link = end;
      for (const download of downloads.values()) {
        download.error ??= new OmError("controller.unreachable", reasonText("library_cut"));
        download.wakeReader();
        download.wakeWriter();
      }
      if (end === undefined) return;
      const waiters = linkWaiters;
      linkWaiters = [];
      for (const resolve of waiters) resolve();
    },
  };
}
