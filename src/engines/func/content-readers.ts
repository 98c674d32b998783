import type { EngineJob } from "../../contract/engine.ts";
import type { FuncThread } from "./thread.ts";

/** A job's file, read for each host as its thread asks for the next piece. */
export class ContentReaders {
  readonly #number: number;
  readonly #job: EngineJob;
  readonly #open = new Map<number, Promise<AsyncIterator<Uint8Array>>>();

  constructor(number: number, job: EngineJob) {
    this.#number = number;
    this.#job = job;
  }

  /** Posts the next piece for a host, or why there is none. Never rejects. */
  async next(thread: FuncThread, position: number): Promise<void> {
    const answer = { kind: "content", job: this.#number, position } as const;
    try {
      const stream = this.#open.get(position) ?? this.#reader();
      this.#open.set(position, stream);
      const { done, value } = await (await stream).next();
      if (done === true) thread.post(answer);
      else thread.post({ ...answer, data: new Uint8Array(value) });
    } catch (error) {
      thread.post({ ...answer, error: error instanceof Error ? error.message : String(error) });
    }
  }

  /** The host takes no more. A source that hangs is not waited for. */
  done(position: number): void {
    const stream = this.#open.get(position);
    this.#open.delete(position);
    void stream?.then((found) => found.return?.()).catch(() => undefined);
  }

  close(): void {
    for (const position of [...this.#open.keys()]) this.done(position);
  }

  async #reader(): Promise<AsyncIterator<Uint8Array>> {
    const { task } = this.#job;
    if (task.kind !== "file") throw new Error("the task has no file");
    return (await this.#job.file(task.sha256))[Symbol.asyncIterator]();
  }
}
