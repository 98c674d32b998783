import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { EngineJob } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { Answer } from "./questions.ts";

/**
 * The library file of a job, brought to this machine once, when the first host needs it: Ansible copies from a file.
 * Checked against its SHA-256 before any host gets a byte of it.
 */
export class ContentCache {
  readonly #job: EngineJob;
  readonly #parent: string;
  readonly #signal: AbortSignal;
  #folder: string | undefined;
  #brought: Promise<Answer> | undefined;

  constructor(job: EngineJob, parent: string, signal: AbortSignal) {
    this.#job = job;
    this.#signal = signal;
    this.#parent = parent;
  }

  path(): Promise<Answer> {
    this.#brought ??= this.#bring();
    return this.#brought;
  }

  remove(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  async #bring(): Promise<Answer> {
    const { task } = this.#job;
    if (task.kind !== "file") return { problem: reasonText("ansible_no_file") };
    mkdirSync(this.#parent, { recursive: true, mode: 0o700 });
    this.#folder = mkdtempSync(join(this.#parent, "file-"));
    const path = join(this.#folder, "content");
    const digest = createHash("sha256");
    try {
      await pipeline(
        await this.#job.file(task.sha256),
        async function* (chunks: AsyncIterable<Uint8Array>) {
          for await (const chunk of chunks) {
            digest.update(chunk);
            yield chunk;
          }
        },
        createWriteStream(path, { mode: 0o600, flags: "wx" }),
        { signal: this.#signal },
      );
    } catch (error) {
      return {
        problem: reasonText("engine_file_unread", { detail: error instanceof Error ? error.message : String(error) }),
      };
    }
    const found = digest.digest("hex");
    if (found === task.sha256) return { path };
    return {
      problem: reasonText("engine_content_damaged", { sha256: found, destination: task.destination }),
    };
  }
}
