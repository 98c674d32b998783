import type { SaltJobs, SaltReturn } from "./jobs.ts";
import { refusalOf } from "./refusals.ts";

/** What became of asking one minion. */
export type Sent =
  /** It went out; `answer` resolves when the minion returns, perhaps never. */
  | { readonly kind: "sent"; readonly job: string; readonly nonce: string; readonly answer: Promise<SaltReturn> }
  /** The master has no accepted key of this name: nothing went out. */
  | { readonly kind: "no_key" }
  /** salt-api did not take it; `perhapsSent` when it may have gone out all the same. */
  | {
      readonly kind: "fault";
      readonly message: string;
      readonly perhapsSent: boolean;
      readonly nonce: string;
      readonly answer: Promise<SaltReturn>;
    };

/**
 * Sends the same call to many minions in few jobs: whatever is asked while one job is being published goes with the
 * next, so that one host costs no delay and a thousand no thousand jobs. A minion that is asked twice gets two jobs.
 */
export interface Sendings {
  send(minion: string): Promise<Sent>;
  /** No more returns are wanted. */
  close(): void;
}

const mostMinions = 500;

interface Waiting {
  readonly minion: string;
  readonly answer: PromiseWithResolvers<SaltReturn>;
  resolve(sent: Sent): void;
}

export interface MadeCall {
  readonly fun: string;
  readonly kwarg?: Readonly<Record<string, unknown>>;
  /** The execution that it begins, where it begins one; told with {@link Sent}. */
  readonly nonce?: string;
}

export interface SendingOptions {
  /** Jobs whose returns are still taken; older ones are given up. Default: all. */
  readonly keep?: number;
}

/** `make` gives the call for each job to these minions, so that what must differ from job to job can. */
export function createSendings(
  jobs: SaltJobs,
  make: (minions: readonly string[]) => MadeCall,
  options: SendingOptions = {},
): Sendings {
  let waiting: Waiting[] = [];
  let publishing = false;
  let closed = false;
  const open: { close(): void }[] = [];

  function takeBatch(): Map<string, Waiting> {
    const batch = new Map<string, Waiting>();
    const rest: Waiting[] = [];
    for (const each of waiting) {
      if (batch.has(each.minion) || batch.size >= mostMinions) rest.push(each);
      else batch.set(each.minion, each);
    }
    waiting = rest;
    return batch;
  }
  function keepOpen(job: { close(): void }): void {
    if (closed) job.close();
    else open.push(job);
    while (options.keep !== undefined && open.length > options.keep) open.shift()?.close();
  }
  async function publish(batch: ReadonlyMap<string, Waiting>): Promise<void> {
    const minions = [...batch.keys()];
    const { nonce = "", ...call } = make(minions);
    try {
      const job = await jobs.publish({ ...call, minions }, (minion, value) => {
        batch.get(minion)?.answer.resolve(value);
      });
      keepOpen(job);
      for (const each of batch.values()) {
        if (!job.minions.has(each.minion)) each.resolve({ kind: "no_key" });
        else each.resolve({ kind: "sent", job: job.id, nonce, answer: each.answer.promise });
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const perhapsSent = refusalOf(error)?.perhapsDone !== false;
      for (const { resolve, answer } of batch.values())
        resolve({ kind: "fault", message, perhapsSent, nonce, answer: answer.promise });
    }
  }
  async function publishAll(): Promise<void> {
    // What is asked in the same moment goes together.
    await new Promise((resolve) => setTimeout(resolve, 2));
    while (waiting.length > 0) await publish(takeBatch());
    publishing = false;
  }

  return {
    send(minion) {
      const { promise, resolve } = Promise.withResolvers<Sent>();
      waiting.push({ minion, answer: Promise.withResolvers<SaltReturn>(), resolve });
      if (!publishing) {
        publishing = true;
        void publishAll();
      }
      return promise;
    },
    close() {
      closed = true;
      for (const job of open.splice(0)) job.close();
    },
  };
}
