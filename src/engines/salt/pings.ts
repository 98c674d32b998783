import { within } from "./ending.ts";
import type { SaltJobs } from "./jobs.ts";
import { createSendings } from "./sendings.ts";

/** Whether a minion is there; anything but `alive` is the proof that nothing was sent to it. */
export type Presence =
  | { readonly kind: "alive" }
  | { readonly kind: "absent"; readonly reason: string }
  | { readonly kind: "fault"; readonly message: string };

export interface Pings {
  /** Asks a minion (many at a time in one job) by `test.ping`. One that was heard within {@link freshMilliseconds} is alive. */
  ask(minion: string, milliseconds: number): Promise<Presence>;
  /** A minion returned something. */
  heard(minion: string): void;
  close(): void;
}

const freshMilliseconds = 5000;

export function createPings(jobs: SaltJobs): Pings {
  const heardAt = new Map<string, number>();
  const asked = new Map<string, Promise<Presence>>();
  const sendings = createSendings(jobs, () => ({ fun: "test.ping" }), { keep: 64 });

  async function ping(minion: string, milliseconds: number): Promise<Presence> {
    const sent = await sendings.send(minion);
    if (sent.kind === "fault") return { kind: "fault", message: sent.message };
    if (sent.kind === "no_key") {
      return {
        kind: "absent",
        reason: `The Salt master has no accepted key of a minion “${minion}”. Start the minion, and accept its key.`,
      };
    }
    if ((await within(milliseconds, sent.answer)) !== undefined) {
      heardAt.set(minion, performance.now());
      return { kind: "alive" };
    }
    return {
      kind: "absent",
      reason: `The minion “${minion}” did not answer the master's ping within ${milliseconds / 1000} s. See whether salt-minion runs there and reaches the master.`,
    };
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
    close: () => sendings.close(),
  };
}
