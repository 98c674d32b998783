import type { SaltJobs } from "./jobs.ts";
import { minionCall } from "./orders.ts";

/**
 * Removes what executions that are over left on their hosts. Nobody waits for it, and it hardly costs a job of its own:
 * the next order to a minion takes it along, and only what no order took along goes by a job, half a minute later. What
 * is missed (the controller dies, the minion does not answer) is swept by the minion's first task a day later.
 *
 * An execution has the same id on all minions of its job, and goes when it is over on all of them.
 */
export interface Clearing {
  /** An execution may be under way on this minion from now on. */
  begun(minion: string, nonce: string): void;
  /** It is over there. What it left is `wanted` still where it is not known what became of it: that stays. */
  over(minion: string, nonce: string, wanted: boolean): void;
  /** Executions that an order to these minions may have removed. */
  along(minions: readonly string[]): readonly string[];
  /** The minion carried out an order that took these along. */
  removed(minion: string, nonces: readonly string[]): void;
  /** Sends what is left, and waits until the master has it. */
  close(): Promise<void>;
}

interface Left {
  readonly running: Set<string>;
  readonly wanted: Set<string>;
  readonly on: Set<string>;
  /** When it was last over on a minion. */
  since: number;
}

const restMilliseconds = 30_000;
const mostAlong = 50;
const mostMinions = 500;

export function createClearing(jobs: SaltJobs): Clearing {
  const executions = new Map<string, Left>();
  let timer: NodeJS.Timeout | undefined;

  function schedule(milliseconds = restMilliseconds): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      void sendDue(performance.now() - restMilliseconds).then(() => {
        if ([...executions.values()].some(isLeft)) schedule(restMilliseconds / 3);
      });
    }, milliseconds).unref();
  }
  async function sendDue(latest: number): Promise<void> {
    for (;;) {
      const ids: string[] = [];
      const minions = new Set<string>();
      const spared = new Set<string>();
      for (const [nonce, left] of executions) {
        if (!isLeft(left) || left.since > latest) continue;
        ids.push(nonce);
        executions.delete(nonce);
        for (const minion of left.on) minions.add(minion);
        for (const minion of left.wanted) spared.add(minion);
        if (ids.length >= mostAlong || minions.size >= mostMinions) break;
      }
      if (ids.length === 0) return;
      for (const minion of spared) minions.delete(minion);
      if (minions.size === 0) continue;
      const call = { ...minionCall({ do: "drop", ids }), minions: [...minions] };
      const job = await jobs.publish(call, () => undefined).catch(() => undefined);
      job?.close();
    }
  }

  return {
    begun(minion, nonce) {
      const left = executions.get(nonce) ?? { running: new Set(), wanted: new Set(), on: new Set(), since: 0 };
      left.running.add(minion);
      executions.set(nonce, left);
    },
    over(minion, nonce, wanted) {
      const left = executions.get(nonce);
      if (left === undefined) return;
      left.running.delete(minion);
      (wanted ? left.wanted : left.on).add(minion);
      left.since = performance.now();
      if (isLeft(left)) schedule();
      else if (left.running.size === 0) executions.delete(nonce);
    },
    along(minions) {
      const found: string[] = [];
      for (const [nonce, left] of executions) {
        if (!isLeft(left) || minions.some((minion) => left.wanted.has(minion))) continue;
        if (minions.some((minion) => left.on.has(minion))) found.push(nonce);
        if (found.length >= mostAlong) break;
      }
      return found;
    },
    removed(minion, nonces) {
      for (const nonce of nonces) {
        const left = executions.get(nonce);
        left?.on.delete(minion);
        if (left?.on.size === 0 && left.running.size === 0) executions.delete(nonce);
      }
    },
    async close() {
      clearTimeout(timer);
      await sendDue(Number.POSITIVE_INFINITY);
    },
  };
}

/** Over on all minions, and not removed on some. */
function isLeft({ running, on }: Left): boolean {
  return running.size === 0 && on.size > 0;
}
