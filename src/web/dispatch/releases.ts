import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { isFinalRunState } from "../../contract/states.ts";
import type { Run, RunRelease } from "../store/repositories/runs.ts";
import type { Store } from "../store/store.ts";
import type { ControllerLink } from "./controller-link.ts";
import type { ControllerRegister } from "./controller-register.ts";

/**
 * Tells the controllers of a coordinated run how far they may go: the wave whose hosts may start, which is the lowest
 * with an open host anywhere, and how many hosts have failed elsewhere. Both are read from the stored executions, which
 * never go back once they are final: a release can be lost, repeated or overtaken, by a cut link or a killed process,
 * and the next one says the same or more.
 */
export interface Releases {
  /** After each change of a run; soon after, its controllers hear of what has become more. */
  changed(run: Run): void;
  /** Tells a controller of all its coordinated runs, on a new link and every few seconds. */
  tell(link: ControllerLink): Promise<void>;
}

/** Between two looks at the same run, in milliseconds: a look reads all its executions. */
const spacing = 50;

export function createReleases(store: Pick<Store, "runs">, register: ControllerRegister, log: Logger): Releases {
  const underway = new Map<string, "once" | "again">();
  const told = new WeakMap<ControllerLink, Map<string, string>>();

  async function send(link: ControllerLink, runUid: string, { wave, failuresElsewhere }: RunRelease): Promise<void> {
    const known = told.get(link) ?? new Map<string, string>();
    told.set(link, known.set(runUid, `${wave} ${failuresElsewhere}`));
    await link.send({ case: "release", value: { runUid, wave, failuresElsewhere } }).catch(() => undefined);
  }

  async function look(runUid: string): Promise<void> {
    const releases = await store.runs.releases(runUid);
    for (const release of releases) {
      const link = register.link(release.controller);
      if (link === undefined) continue;
      if (told.get(link)?.get(runUid) === `${release.wave} ${release.failuresElsewhere}`) continue;
      await send(link, runUid, release);
    }
  }

  function forget(runUid: string): void {
    for (const link of register.links()) told.get(link)?.delete(runUid);
  }

  async function lookAgain(runUid: string): Promise<void> {
    try {
      do {
        underway.set(runUid, "once");
        await look(runUid);
        await sleep(spacing);
      } while (underway.get(runUid) === "again");
    } catch (error) {
      // The controllers' next reports bring it up again.
      log.warn({ error, run: runUid }, "how far a run may go could not be read");
    } finally {
      underway.delete(runUid);
    }
  }

  return {
    changed(run) {
      if (!run.coordinated) return;
      if (isFinalRunState(run.state)) forget(run.uid);
      else if (underway.has(run.uid)) underway.set(run.uid, "again");
      else void lookAgain(run.uid);
    },
    async tell(link) {
      for (const runUid of await store.runs.coordinated(link.controller)) {
        const releases = await store.runs.releases(runUid);
        const own = releases.find(({ controller }) => controller === link.controller);
        if (own !== undefined) await send(link, runUid, own);
      }
    },
  };
}
