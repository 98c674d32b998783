import type { EngineJob } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { SshThread } from "./thread.ts";

/** Up to this size a file is read once and shared by all threads; a larger one is streamed to each host by itself. */
const sharedBytes = 16 * 1024 * 1024;

/** The content of a job's file, handed to the threads as their hosts take it. */
export class ContentSource {
  readonly #number: number;
  readonly #job: EngineJob;
  readonly #notice: (position: number, message: string) => void;
  readonly #shared = new Set<SshThread>();
  readonly #streams = new Map<number, AsyncIterator<Uint8Array>>();
  #whole: Promise<SharedArrayBuffer> | undefined;

  constructor(number: number, job: EngineJob, notice: (position: number, message: string) => void) {
    this.#number = number;
    this.#job = job;
    this.#notice = notice;
  }

  /** The next piece for a host; never rejects. */
  async next(thread: SshThread, position: number): Promise<void> {
    const { task } = this.#job;
    if (task.kind !== "file") return;
    try {
      if (task.bytes <= sharedBytes) await this.#share(thread, task.sha256, task.bytes);
      else await this.#piece(thread, position, task.sha256);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#notice(position, reasonText("engine_file_unread_here", { detail: text }));
      if (!thread.dead) thread.post({ kind: "content", job: this.#number, position, end: true, error: text });
    }
  }

  /** The host takes no more. */
  async done(position: number): Promise<void> {
    const stream = this.#streams.get(position);
    this.#streams.delete(position);
    await stream?.return?.().catch(() => undefined);
  }

  async #share(thread: SshThread, sha256: string, bytes: number): Promise<void> {
    this.#whole ??= this.#read(sha256, bytes);
    const content = await this.#whole;
    if (this.#shared.has(thread) || thread.dead) return;
    this.#shared.add(thread);
    thread.post({ kind: "sharedContent", job: this.#number, content });
  }

  async #read(sha256: string, bytes: number): Promise<SharedArrayBuffer> {
    const content = new SharedArrayBuffer(bytes);
    const view = new Uint8Array(content);
    let at = 0;
    for await (const chunk of await this.#job.file(sha256)) {
      if (at + chunk.length > bytes) throw new Error(reasonText("content_longer"));
      view.set(chunk, at);
      at += chunk.length;
    }
    if (at !== bytes) throw new Error(reasonText("content_shorter"));
    return content;
  }

  async #piece(thread: SshThread, position: number, sha256: string): Promise<void> {
    let stream = this.#streams.get(position);
    if (stream === undefined) {
      stream = (await this.#job.file(sha256))[Symbol.asyncIterator]();
      this.#streams.set(position, stream);
    }
    const { done, value } = await stream.next();
    if (thread.dead) return;
    if (done === true) {
      this.#streams.delete(position);
      thread.post({ kind: "content", job: this.#number, position, end: true });
    } else thread.post({ kind: "content", job: this.#number, position, data: new Uint8Array(value), end: false });
  }
}
