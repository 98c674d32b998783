import type { Cancellation } from "../job/cancellation.ts";
import { type Answer, answerOf, bareError, plainText, remoteError } from "./answers.ts";
import { CallFailure, type MinionCalls } from "./minion-calls.ts";
import type { Minion } from "./minion-connection.ts";
import { methodCall, type XmlRpcValue } from "./xmlrpc.ts";

/** How far an asynchronous job has come. */
export type JobState =
  | { readonly kind: "running" }
  | { readonly kind: "finished"; readonly answer: Answer }
  | { readonly kind: "lost" };

interface CallOptions {
  /** A second one does no harm: then a kept connection that turned out to be closed is no failure. */
  readonly repeatable: boolean;
  readonly cancellation?: Cancellation;
}

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

  /** A call that ends soon there. Throws where the wire cannot carry a parameter. */
  async call(method: string, parameters: readonly XmlRpcValue[], options: CallOptions): Promise<Answer> {
    return await this.send(methodCall(method, parameters), options);
  }

  /** A call that is written already. */
  async send(call: string, options: CallOptions): Promise<Answer> {
    const limits = {
      connectMilliseconds: this.#connectMilliseconds,
      answerMilliseconds: shortAnswerMilliseconds,
      ...(options.cancellation === undefined ? {} : { cancellation: options.cancellation }),
    };
    for (let attempt = 0; ; attempt++) {
      try {
        return answerOf(await this.#calls.call(this.#minion, call, limits));
      } catch (error) {
        const again = error instanceof CallFailure && error.stale && options.repeatable && attempt < 3;
        if (!again) throw error;
      }
    }
  }

  /** Starts a method in the background of the minion; its answer is the job's id. */
  start(method: string, parameters: readonly XmlRpcValue[], cancellation: Cancellation): Promise<Answer> {
    return this.call(`async.${method}`, parameters, { repeatable: false, cancellation });
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
