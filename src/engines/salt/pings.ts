import { reasonText } from "../../contract/reasons.ts";
import { within } from "./ending.ts";
import type { SaltJobs } from "./jobs.ts";
import type { MasterPresence } from "./presence.ts";
import { createSendings } from "./sendings.ts";

/** Whether a minion is there; anything but `alive` is the proof that nothing was sent to it. */
export type Presence =
  | { readonly kind: "alive" }
  | { readonly kind: "absent"; readonly reason: string }
  | { readonly kind: "fault"; readonly message: string };

export interface Pings {
  /**
   * Asks a minion (many at a time in one job) by `test.ping`. One that was heard within {@link freshMilliseconds} is
   * alive. One that does not answer at once, and that the master has no connection of, is waited for only shortly.
   */
  ask(minion: string, milliseconds: number): Promise<Presence>;
  /** A minion returned something. */
  heard(minion: string): void;
  /** Milliseconds that pings took of late: who asks minions again and again waits for longer where they are slow. */
  readonly pace: number;
  close(): void;
}

const freshMilliseconds = 5000;
/** Minions that are there mostly answer within this: the master is not asked for them. */
const promptMilliseconds = 700;
/** For a minion without a connection, from the ping on. */
const unconnectedMilliseconds = 3000;

export function createPings(jobs: SaltJobs, master: MasterPresence): Pings {
  const heardAt = new Map<string, number>();
  const asked = new Map<string, Promise<Presence>>();
  let pace = 0;
  const sendings = createSendings(jobs, () => ({ fun: "test.ping" }), { keep: 64 });

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
      heardAt.set(minion, performance.now());
      pace = pace * 0.8 + (performance.now() - begun) * 0.2;
      return { kind: "alive" };
    }
    const time = `${patience / 1000} s`;
    const code = connection === "none" ? "salt_not_connected" : "salt_no_ping";
    return { kind: "absent", reason: reasonText(code, { minion, time }) };
  }

  async function connectionOf(minion: string): Promise<"some" | "none"> {
    const connected = await master.connected();
    return connected === undefined || connected.has(minion) ? "some" : "none";
  }

  return {
    async ask(minion, milliseconds) {
      const heard = heardAt.get(minion);
      if (heard !== undefined && performance.now() - heard < freshMilliseconds) return { kind: "alive" };
      const known = asked.get(minion);
      if (known !== undefined) return known;
      const asking = ping(minion, milliseconds).finally(() => asked.delete(minion));
      asked.set(minion, asking);
      return asking;
    },
    heard(minion) {
      heardAt.set(minion, performance.now());
    },
    get pace() {
      return pace;
    },
    close: () => sendings.close(),
  };
}
