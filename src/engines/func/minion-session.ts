import { type Answer, answerOf, bareError, plainText, remoteError } from "./answers.ts";
import { CallFailure, type Minion, type MinionCalls } from "./minion-calls.ts";
import type { XmlRpcValue } from "./xmlrpc.ts";

/** How far an asynchronous job has come. */
export type JobState =
  | { readonly kind: "running" }
  | { readonly kind: "finished"; readonly answer: Answer }
  | { readonly kind: "lost" };

const shortAnswerMilliseconds = 30_000;

/** What is asked of one minion. Every method rejects with {@link CallFailure} when there is no answer. */
export class MinionSession {
  readonly #calls: MinionCalls;
  readonly #minion: Minion;
  readonly #connectMilliseconds: number;

  constructor(calls: MinionCalls, minion: Minion, connectMilliseconds: number) {
    this.#calls = calls;
    this.#minion = minion;
    this.#connectMilliseconds = connectMilliseconds;
  }

  /**
   * A call that ends soon there. `repeatable` says that a second one does no harm: then a kept connection that turned
   * out to be closed is no failure.
   */
  async call(
    method: string,
    parameters: readonly XmlRpcValue[],
    options: { readonly repeatable: boolean; readonly signal?: AbortSignal; readonly answerMilliseconds?: number },
  ): Promise<Answer> {
    const limits = {
      connectMilliseconds: this.#connectMilliseconds,
      answerMilliseconds: options.answerMilliseconds ?? shortAnswerMilliseconds,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    };
    for (let attempt = 0; ; attempt++) {
      try {
        return answerOf(await this.#calls.call(this.#minion, method, parameters, limits));
      } catch (error) {
        const again = error instanceof CallFailure && error.stale && options.repeatable && attempt < 3;
        if (!again) throw error;
      }
    }
  }

  /** Starts a method in the background of the minion; its answer is the job's id. */
  start(method: string, parameters: readonly XmlRpcValue[], signal: AbortSignal): Promise<Answer> {
    return this.call(`async.${method}`, parameters, { repeatable: false, signal });
  }

  async jobState(job: string): Promise<JobState> {
    const answer = await this.call("jobs.job_status", [job], { repeatable: true });
    if (answer.kind === "error") return { kind: "finished", answer };
    return readJobState(answer.value);
  }
}

/** `[state, result]`: 0 running, 1 finished, 2 lost, 3 partial, 4 remote error. */
export function readJobState(value: XmlRpcValue): JobState {
  if (!Array.isArray(value) || value.length < 1) return { kind: "lost" };
  const [state, result = null] = value as readonly XmlRpcValue[];
  switch (state) {
    case 0:
    case 3:
      return { kind: "running" };
    case 1:
      return { kind: "finished", answer: remoteError(result) ?? { kind: "value", value: result } };
    case 4:
      return { kind: "finished", answer: remoteError(result) ?? bareError(plainText(result)) };
    default:
      return { kind: "lost" };
  }
}
