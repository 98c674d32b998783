import type { EngineContext } from "../../contract/engine.ts";
import type { FromThread, SshThread } from "./thread.ts";

type Keys = Pick<EngineContext, "hostKeys">;
export type HostKeyQuestion = Extract<FromThread, { kind: "hostKey" }>;

/** Longer than a thread may keep what is to be settled (settlements.ts), and try to. */
const settlingMilliseconds = 150_000;

/**
 * Answers the threads' questions about host keys from the controller's memory and policy. Each is answered, since a
 * handshake waits for it; also when a job is over, as its hosts may still have to be told that it is settled: then by
 * known keys only.
 */
export class HostKeyQuestions {
  readonly #jobs = new Map<number, Keys>();

  begin(job: number, { hostKeys }: Keys): void {
    this.#jobs.set(job, { hostKeys });
  }

  over(job: number): void {
    const keys = this.#jobs.get(job);
    if (keys === undefined) return;
    this.#jobs.set(job, knownOnly(keys));
    setTimeout(() => this.#jobs.delete(job), settlingMilliseconds).unref();
  }

  /** `test`: what the test that asks goes by, if it is one. Never rejects. */
  async answer(
    thread: SshThread,
    { question, asker, address, port, key }: HostKeyQuestion,
    test?: Keys,
  ): Promise<void> {
    const keys = "test" in asker ? test : this.#jobs.get(asker.job);
    try {
      const verdict = keys === undefined ? "unknown" : await keys.hostKeys.check(address, port, key);
      if (!thread.dead) thread.post({ kind: "hostKey", question, verdict });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (!thread.dead) thread.post({ kind: "hostKey", question, error: text });
    }
  }
}

function knownOnly({ hostKeys }: Keys): Keys {
  return {
    hostKeys: {
      async check(address, port, key) {
        const verdict = await hostKeys.check(address, port, key);
        return verdict === "trusted_first_use" ? "unknown" : verdict;
      },
    },
  };
}
