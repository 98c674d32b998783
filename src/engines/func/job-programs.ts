import { randomBytes } from "node:crypto";
import { type PosixTask, taskProgram } from "../../modules/posix.ts";
import type { Nonce, Program } from "../../modules/posix-words.ts";
import { longestText, startText } from "./minion-program.ts";
import { methodCall } from "./xmlrpc.ts";

export interface ProgramOptions {
  readonly hostFolder: string;
  readonly becomeUser: string | undefined;
  /** Kept bytes of each stream. */
  readonly outputBytes: number;
}

/** What starts a task, for one execution. */
export interface Start {
  readonly program: Program;
  /** The call that starts it with its input in itself; undefined where that has to be brought there first. */
  readonly call: string | undefined;
}

/**
 * The texts of one job's task. They are the same for all of its hosts but for the nonce, so they are put together once,
 * with an unguessable word in its place.
 */
export class JobPrograms {
  readonly #task: PosixTask;
  readonly #options: ProgramOptions;
  readonly #nonce = randomBytes(12).toString("hex");
  #template: Start | undefined;

  constructor(task: PosixTask, options: ProgramOptions) {
    this.#task = task;
    this.#options = options;
  }

  start(nonce: Nonce): Start {
    this.#template ??= this.#build(this.#nonce);
    const { program, call } = this.#template;
    if (call === undefined) return { program: this.#program(nonce), call };
    return { program, call: call.replaceAll(this.#nonce, nonce) };
  }

  /** The call that starts it when its input was brought there. */
  brought(nonce: Nonce): string {
    return startCall(startText({ ...this.#options, nonce, input: undefined }));
  }

  #program(nonce: Nonce): Program {
    return taskProgram(this.#task, { nonce, become: this.#options.becomeUser !== undefined });
  }

  #build(nonce: Nonce): Start {
    const program = this.#program(nonce);
    const secret = this.#task.kind !== "file" && this.#task.secretNames.length > 0;
    if (program.asksContent || secret) return { program, call: undefined };
    const line = Buffer.from(program.line);
    const input = program.input === undefined ? line : Buffer.concat([line, program.input]);
    if (input.length >= longestText) return { program, call: undefined };
    const text = startText({ ...this.#options, nonce, input });
    return { program, call: text.length <= longestText ? startCall(text) : undefined };
  }
}

function startCall(text: string): string {
  return methodCall("async.command.run", [text]);
}
