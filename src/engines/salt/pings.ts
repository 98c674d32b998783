import { reasonText } from "../../contract/reasons.ts";
import { within } from "./ending.ts";
import type { SaltJobs } from "./jobs.ts";
import type { MasterPresence } from "./presence.ts";
import { createSendings } from "./sendings.ts";
import type { Signs } from "./signs.ts";

/** Whether a minion is there; anything but `alive` is the proof that nothing was sent to it. */
export type Presence =
  | { readonly kind: "alive" }
  | { readonly kind: "absent"; readonly reason: string }
  | { readonly kind: "fault"; readonly message: string };

export interface Pings {
  /**
   * One that was heard within {@link freshMilliseconds} is alive. One that was heard within {@link knownMilliseconds}, and
   * that the master still has a connection of, is alive too, where that question is answered sooner than minions answer.
   * Any other is asked (many at a time in one job) by `test.ping`; one that does not answer at once, and that the master
   * has no connection of, is waited for only shortly.
   */
  ask(minion: string, milliseconds: number): Promise<Presence>;
  /** By `test.ping` in any case. */
  ping(minion: string, milliseconds: number): Promise<Presence>;
  close(): void;
}

const freshMilliseconds = 5000;
const knownMilliseconds = 300_000;
/** Minions that are there mostly answer within this: the master is not asked for them. */
const promptMilliseconds = 700;
/** For a minion without a connection, from the ping on. */
const unconnectedMilliseconds = 3000;

export function createPings(jobs: SaltJobs, signs: Signs, master: MasterPresence): Pings {
  const asked = new Map<string, Promise<Presence>>();
  const sendings = createSendings(jobs, () => ({ fun: "test.ping" }), { keep: 64 });

  async function find(minion: string, milliseconds: number): Promise<Presence> {
    if (silence(minion) < knownMilliseconds && signs.pace > master.pace) {
      const patience = Math.min(milliseconds, 2 * Math.max(signs.pace, master.pace));
      if ((await within(patience, master.connected(minion))) === true) return { kind: "alive" };
    }
    return ping(minion, milliseconds);
  }
  function silence(minion: string): number {
    return performance.now() - (signs.heardAt(minion) ?? Number.NEGATIVE_INFINITY);
  }
  async function ping(minion: string, milliseconds: number): Promise<Presence> {
    const sent = await sendings.send(minion);
    if (sent.kind === "fault") return { kind: "fault", message: sent.message };
    if (sent.kind === "no_key") return { kind: "absent", reason: reasonText("salt_no_key", { minion }) };
    const answer = sent.answer.then(() => "alive" as const);
    const begun = performance.now();
    const prompt = await within(Math.min(promptMilliseconds, milliseconds), answer);
    const connection = prompt ?? (await within(milliseconds, Promise.race([answer, connectionOf(minion)])));
    const patience = connection === "none" ? Math.min(unconnectedMilliseconds, milliseconds) : milliseconds;
    const left = Math.max(0, patience - (performance.now() - begun));
    if (connection === "alive" || (await within(left, answer)) === "alive") {
      signs.answered(performance.now() - begun);
      return { kind: "alive" };
    }
    const time = `${patience / 1000} s`;
    const code = connection === "none" ? "salt_not_connected" : "salt_no_ping";
    return { kind: "absent", reason: reasonText(code, { minion, time }) };
  }
  async function connectionOf(minion: string): Promise<"some" | "none"> {
    return (await master.connected(minion)) === false ? "none" : "some";
  }

  return {
    async ask(minion, milliseconds) {
      if (silence(minion) < freshMilliseconds) return { kind: "alive" };
      const known = asked.get(minion);
      if (known !== undefined) return known;
      const asking = find(minion, milliseconds).finally(() => asked.delete(minion));
      asked.set(minion, asking);
      return asking;
    },
    ping,
    close: () => sendings.close(),
  };
}
