import { createHash, randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { deflateSync } from "node:zlib";
import type { EngineHost, Task } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { within } from "./ending.ts";
import type { Lane } from "./lane.ts";
import { minionCall, newNonce, readAnswer } from "./orders.ts";
import { createSendings, type Sendings } from "./sendings.ts";

/**
 * Things that a task needs beside its order: the content of a file, and secrets. With `fileRoot` they lie in the master's
 * file server under a name that nobody guesses, for as long as the run takes, and the minions fetch them with
 * `cp.cache_file`; without it a file's content goes in pieces with jobs of its own.
 */
export interface Staging {
  /** Brings the file's content to the host. */
  content(host: EngineHost): Promise<Staged>;
  /** Brings the secrets to the host. Only with a `fileRoot`. */
  secrets(host: EngineHost, values: Readonly<Record<string, string>>): Promise<Staged>;
  /** Removes what lies on the file server. */
  close(): Promise<void>;
}

export type Staged =
  /** What the order says of it, to be merged into it. */
  | { readonly kind: "there"; readonly order: Readonly<Record<string, unknown>> }
  /** Nothing has changed on the host; why it is not there. */
  | { readonly kind: "not_there"; readonly reason: string };

type FileTask = Extract<Task, { kind: "file" }>;

/** Without a file server: each piece is a job, and the master keeps a day's jobs. */
const mostPiecesBytes = 16 * 1024 * 1024;
const pieceBytes = 256 * 1024;
const pieceMilliseconds = 60_000;

export function createStaging(lane: Lane): Staging {
  const { fileRoot } = lane.settings;
  return fileRoot === undefined ? createPieces(lane) : createFileServer(lane, fileRoot);
}

function createFileServer(lane: Lane, fileRoot: string): Staging {
  const name = randomBytes(16).toString("hex");
  const folder = join(fileRoot, "omserver", name);
  const written = new Map<string, Promise<Sendings>>();

  /** The directories belong to the group of `fileRoot` (it has the setgid bit), which is the master's. */
  async function place(kind: string, write: (path: string) => Promise<void>): Promise<Sendings> {
    const part = join(folder, kind);
    await mkdir(part, { recursive: true });
    for (const each of [join(fileRoot, "omserver"), folder, part]) await chmod(each, 0o2750);
    const path = join(part, "data");
    await write(path);
    await chmod(path, 0o640);
    const kwarg = { path: `salt://omserver/${name}/${kind}/data` };
    return createSendings(lane.jobs, () => ({ fun: "cp.cache_file", kwarg }));
  }
  async function bring(
    host: EngineHost,
    kind: "content" | "secrets",
    write: (path: string) => Promise<void>,
  ): Promise<Staged> {
    const placing = written.get(kind) ?? place(kind, write);
    written.set(kind, placing);
    let sendings: Sendings;
    try {
      sendings = await placing;
    } catch (error) {
      return { kind: "not_there", reason: error instanceof Error ? error.message : String(error) };
    }
    const sent = await sendings.send(host.name);
    if (sent.kind === "fault") return { kind: "not_there", reason: sent.message };
    const answer =
      sent.kind === "no_key"
        ? undefined
        : await within(lane.job.limits.runMilliseconds, Promise.race([sent.answer, cancellation(lane)]));
    if (answer === "cancelled")
      return { kind: "not_there", reason: reasonText("salt_cancelled_before_task", { host: host.name }) };
    if (answer === undefined) return { kind: "not_there", reason: reasonText("salt_not_fetched", { host: host.name }) };
    const path = answer.value;
    if (typeof path === "string" && path.startsWith("/") && path.endsWith(`/omserver/${name}/${kind}/data`)) {
      return { kind: "there", order: { [`${kind}File`]: path } };
    }
    return {
      kind: "not_there",
      reason: reasonText("salt_file_server", { host: host.name, folder: fileRoot }),
    };
  }

  return {
    content: (host) => bring(host, "content", (path) => writeChecked(lane, lane.job.task as FileTask, path)),
    secrets: (host, values) => bring(host, "secrets", (path) => writeFile(path, JSON.stringify(values))),
    async close() {
      for (const placing of written.values()) (await placing.catch(() => undefined))?.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function createPieces(lane: Lane): Staging {
  const nonce = newNonce();
  let pieces: Promise<readonly Sendings[]> | undefined;

  async function cut(task: FileTask): Promise<readonly Sendings[]> {
    if (task.bytes > mostPiecesBytes) {
      throw new Error(reasonText("salt_too_large"));
    }
    const content = Buffer.concat(await Array.fromAsync(checked(lane, task)));
    return Array.from({ length: Math.max(1, Math.ceil(content.length / pieceBytes)) }, (_, index) => {
      const at = index * pieceBytes;
      const data = deflateSync(content.subarray(at, at + pieceBytes)).toString("base64");
      const call = minionCall({ do: "put", id: nonce, at, data });
      return createSendings(lane.jobs, () => call, { keep: 64 });
    });
  }

  return {
    async content(host) {
      try {
        pieces ??= cut(lane.job.task as FileTask);
        for (const piece of await pieces) {
          if (lane.cancelled.aborted) return { kind: "not_there", reason: reasonText("salt_cancelled_before_file") };
          const sent = await piece.send(host.name);
          const answer = sent.kind === "sent" ? await within(pieceMilliseconds, sent.answer) : undefined;
          const said = answer === undefined ? undefined : readAnswer(answer);
          if (said?.kind !== "answer") {
            return {
              kind: "not_there",
              reason: said?.reason ?? reasonText("salt_content_not_taken", { host: host.name }),
            };
          }
        }
        return { kind: "there", order: { id: nonce, sent: true } };
      } catch (error) {
        return { kind: "not_there", reason: error instanceof Error ? error.message : String(error) };
      }
    },
    async secrets() {
      throw new Error(reasonText("salt_secrets_files"));
    },
    async close() {
      for (const piece of (await pieces?.catch(() => undefined)) ?? []) piece.close();
    },
  };
}

async function writeChecked(lane: Lane, task: FileTask, path: string): Promise<void> {
  await pipeline(Readable.from(checked(lane, task)), createWriteStream(path, { mode: 0o640 }), {
    signal: lane.cancelled,
  });
}

/** The file's bytes; throws behind the last one when they are not what the order says. */
async function* checked(lane: Lane, task: FileTask): AsyncGenerator<Uint8Array, void, undefined> {
  const digest = createHash("sha256");
  const chunks = (await lane.job.file(task.sha256))[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([chunks.next(), cancellation(lane)]);
    if (next === "cancelled") throw new Error(reasonText("salt_cancelled_before_file"));
    if (next.done === true) break;
    digest.update(next.value);
    yield next.value;
  }
  if (digest.digest("hex") !== task.sha256) throw new Error(reasonText("salt_content_damaged"));
}

function cancellation({ cancelled }: Lane): Promise<"cancelled"> {
  return new Promise((resolve) => {
    if (cancelled.aborted) resolve("cancelled");
    else cancelled.addEventListener("abort", () => resolve("cancelled"), { once: true });
  });
}
