import { randomBytes } from "node:crypto";
import { type PosixTask, taskParts } from "../../modules/posix.ts";
import { type ClaimOptions, claimedProgram } from "../../modules/posix-claim.ts";
import type { Program } from "../../modules/posix-words.ts";

/**
 * The program text of one job's task. It is the same for all of its hosts but for two words, so it is put together once,
 * with unguessable words in their places.
 */
export class JobPrograms {
  readonly #task: PosixTask;
  readonly #templates = new Map<boolean, Program>();
  readonly #nonce = randomBytes(12).toString("hex");
  readonly #name = randomBytes(12).toString("hex");

  constructor(task: PosixTask) {
    this.#task = task;
  }

  /** The task under a claim, run by the account that signs in. */
  claimed(options: ClaimOptions): Program {
    // What goes in behind the line ends with the nonce.
    if (options.againAfter !== undefined || hasInput(this.#task)) return this.#build(options);
    const again = options.again === true;
    let template = this.#templates.get(again);
    if (template === undefined) {
      template = this.#build({ ...options, nonce: this.#nonce, name: this.#name });
      this.#templates.set(again, template);
    }
    const { nonce, name } = options;
    return { ...template, line: template.line.replaceAll(this.#nonce, nonce).replaceAll(this.#name, name) };
  }

  #build(options: ClaimOptions): Program {
    const { nonce } = options;
    return claimedProgram(taskParts(this.#task, { nonce, become: false, claimed: true }), options);
  }
}

function hasInput(task: PosixTask): boolean {
  return task.kind === "script" || (task.kind === "command" && task.stdin !== undefined);
}
