import { setTimeout as sleep } from "node:timers/promises";
import { type RunKind, runKinds, type Wish } from "./life-messages.ts";
import type { KillRig } from "./rig.ts";
import type { TakenRun } from "./truth.ts";

/** People at work while the product is killed: there are always runs under way. */
export interface Load {
  /** Starts one, and cancels or decides it soon where that is its kind; resolves when the product has taken all of it. */
  start(kind: RunKind): Promise<void>;
  readonly taken: readonly TakenRun[];
  /** Starts no more; resolves when every run is final, or rejects when that takes too long. */
  end(): Promise<void>;
}

/** What people do with a run of that kind a moment later. */
const deeds: Partial<Record<RunKind, Extract<Wish, { readonly run: number }>["wish"]>> = {
  cancelled: "cancel",
  approved: "approve",
  rejected: "reject",
  withdrawn: "cancel",
};

const mostRuns = 2;
const longestEnd = 180_000;

export function startLoad({ web }: KillRig, hosts: number, kinds: readonly RunKind[] = runKinds): Load {
  const taken: TakenRun[] = [];
  const starting = new Set<Promise<void>>();
  let ended = false;
  let number = 0;

  async function startOne(kind: RunKind, key: string): Promise<void> {
    const { id, uid } = await web.ask<{ id: number; uid: string }>({ wish: "start", key, kind, hosts });
    taken.push({ uid, kind, hosts });
    const wish = deeds[kind];
    if (wish === undefined) return;
    await sleep(Math.random() * 500);
    await web.ask({ wish, run: id });
  }

  function start(kind: RunKind): Promise<void> {
    number += 1;
    const started = startOne(kind, `run ${number}`);
    starting.add(started);
    return started.finally(() => starting.delete(started));
  }

  async function work(): Promise<void> {
    for (let turn = 0; !ended; turn += 1) {
      while (!ended && (await web.ask<number>({ wish: "unfinished" })) >= mostRuns) await sleep(100);
      if (!ended) await start(kinds[turn % kinds.length] ?? "plain");
    }
  }

  const working = work();
  return {
    start,
    taken,
    async end() {
      ended = true;
      await working;
      await Promise.all(starting);
      const bound = performance.now() + longestEnd;
      while ((await web.ask<number>({ wish: "unfinished" })) > 0) {
        if (performance.now() > bound) return;
        await sleep(100);
      }
    },
  };
}
