import type { Client } from "ssh2";
import { reasonText } from "../../contract/reasons.ts";
import { Cancellation } from "../job/cancellation.ts";
import { prepareSignIn, type SignIn } from "./authentication.ts";
import { type ConnectOptions, connect } from "./connect.ts";
import type { Hop, Secret } from "./messages.ts";
import { connectReason, place, Unreachable, UnusableCredential } from "./reasons.ts";
import type { Ssh2 } from "./tuned-ssh2.ts";

/** A connection for one execution at a time. */
export interface Lease {
  readonly client: Client;
  /** It was kept from before, so it may have died unnoticed. */
  readonly reused: boolean;
  /** False once the connection is lost. */
  readonly alive: boolean;
  /** Gives it back to be kept, or closes it. Idempotent. */
  release(keep: boolean): void;
}

/** A way to a host and what is needed on it. */
export interface Approach extends Pick<ConnectOptions, "checkHostKey" | "notice"> {
  readonly name: string;
  readonly route: readonly Hop[];
  /** For each hop, without the time in the queue. */
  readonly milliseconds: number;
  readonly cancellation: Cancellation;
  /** Skips kept connections. */
  readonly fresh?: boolean;
}

export interface ConnectionLimits {
  /** Idle connections kept at most; the longest idle goes first. 0: none is used again. */
  readonly kept: number;
  readonly idleMilliseconds: number;
  /** Handshakes under way at once. */
  readonly handshakes: number;
}

interface Kept {
  readonly client: Client;
  readonly key: string;
  readonly since: number;
  alive: boolean;
  leave(): void;
}

/** A jump host's connection, shared by everything behind it and closed some time after the last. */
interface Jump {
  readonly client: Promise<Client>;
  /** What was to be told while it was opened. */
  readonly notices: readonly string[];
  users: number;
  closing?: NodeJS.Timeout;
}

/** Longer than it takes until an end is on the controller's disk and its host is told so. */
const settlingMilliseconds = 2000;

/**
 * The connections of one thread. A kept one is only used again for the same users, addresses, ports, credentials and
 * jump hosts.
 */
export class Connections {
  readonly #ssh2: Ssh2;
  readonly #limits: ConnectionLimits;
  readonly #idle = new Map<string, Kept[]>();
  readonly #oldest = new Set<Kept>();
  readonly #leaving = new Set<Kept>();
  readonly #jumps = new Map<string, Jump>();
  readonly #signIns = new Map<string, SignIn>();
  readonly #queue: (() => void)[] = [];
  #handshakes = 0;
  #sweep: NodeJS.Timeout | undefined;

  constructor(ssh2: Ssh2, limits: ConnectionLimits) {
    this.#ssh2 = ssh2;
    this.#limits = limits;
  }

  /**
   * A signed-in connection, kept or new. Rejects with {@link Unreachable} or {@link UnusableCredential}; then nothing
   * ran on the host.
   */
  async acquire(approach: Approach, secrets: ReadonlyMap<string, Secret>): Promise<Lease> {
    const key = keyOf(approach.route);
    const kept = approach.fresh === true ? undefined : this.#takeIdle(key);
    if (kept !== undefined) return this.#lease(kept, true);
    const { client, leave } = await this.#open(approach, approach.route, secrets);
    const made: Kept = { client, key, since: 0, alive: true, leave };
    client.once("close", () => {
      made.alive = false;
      this.#dropIdle(made);
      leave();
    });
    return this.#lease(made, false);
  }

  /** Closes everything that is idle; what is leased closes when it is given back. */
  close(): void {
    clearInterval(this.#sweep);
    for (const kept of [...this.#oldest, ...this.#leaving]) this.#discard(kept);
    for (const jump of this.#jumps.values()) {
      clearTimeout(jump.closing);
      jump.client.then((client) => client.end()).catch(() => undefined);
    }
    this.#jumps.clear();
  }

  #lease(kept: Kept, reused: boolean): Lease {
    let released = false;
    return {
      client: kept.client,
      reused,
      get alive() {
        return kept.alive;
      },
      release: (keep) => {
        if (released) return;
        released = true;
        if (!keep || !kept.alive) this.#discard(kept);
        else if (this.#limits.kept > 0) this.#keep(kept);
        else this.#discardSoon(kept);
      },
    };
  }

  #keep({ client, key, leave }: Kept): void {
    const kept: Kept = { client, key, leave, alive: true, since: performance.now() };
    client.removeAllListeners("close");
    client.once("close", () => {
      kept.alive = false;
      this.#dropIdle(kept);
      leave();
    });
    const list = this.#idle.get(key);
    if (list === undefined) this.#idle.set(key, [kept]);
    else list.push(kept);
    this.#oldest.add(kept);
    const [oldest] = this.#oldest;
    if (this.#oldest.size > this.#limits.kept && oldest !== undefined) this.#discard(oldest);
    this.#sweep ??= setInterval(() => this.#discardAged(), Math.min(1000, this.#limits.idleMilliseconds)).unref();
  }

  #discardAged(): void {
    const bound = performance.now() - this.#limits.idleMilliseconds;
    for (const kept of this.#oldest) {
      if (kept.since > bound) break;
      this.#discard(kept);
    }
    if (this.#oldest.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  #takeIdle(key: string): Kept | undefined {
    const kept = this.#idle.get(key)?.at(-1);
    if (kept !== undefined) this.#dropIdle(kept);
    return kept;
  }

  #dropIdle(kept: Kept): void {
    this.#oldest.delete(kept);
    const list = this.#idle.get(kept.key);
    const at = list?.indexOf(kept) ?? -1;
    if (list === undefined || at === -1) return;
    list.splice(at, 1);
    if (list.length === 0) this.#idle.delete(kept.key);
  }

  /** Where none is kept, its host may still have to be told that it may forget what it ran. */
  #discardSoon(kept: Kept): void {
    this.#leaving.add(kept);
    setTimeout(() => this.#discard(kept), settlingMilliseconds).unref();
  }

  #discard(kept: Kept): void {
    this.#dropIdle(kept);
    this.#leaving.delete(kept);
    kept.client.end();
    // A host that does not answer the farewell must not hold the socket.
    setTimeout(() => kept.client.destroy(), 5000).unref();
  }

  async #open(
    approach: Approach,
    route: readonly Hop[],
    secrets: ReadonlyMap<string, Secret>,
  ): Promise<{ client: Client; leave(): void }> {
    const hop = route.at(-1);
    if (hop === undefined) throw new Unreachable(reasonText("ssh_host_no_address", { host: approach.name }));
    const methods = this.#signIn(hop, secrets)(hop.user);
    const isTarget = route === approach.route;
    const where = place(hop.address, hop.port);
    // What is said of a jump host is read at every host behind it, so it names none of them.
    const title = isTarget ? `${approach.name} (${where})` : reasonText("jump_host", { place: where });
    const jumps = route.slice(0, -1);
    if (jumps.length === 0) {
      return {
        client: await this.#handshake(() => connect(this.#ssh2, { ...approach, hop, title, methods })),
        leave() {},
      };
    }
    const jump = await this.#enterJump(approach, jumps, secrets);
    try {
      const through = await forward(jump.client, hop, approach, title);
      const client = await this.#handshake(() => connect(this.#ssh2, { ...approach, hop, title, methods, through }));
      return { client, leave: jump.leave };
    } catch (error) {
      jump.leave();
      throw error;
    }
  }

  async #enterJump(
    approach: Approach,
    route: readonly Hop[],
    secrets: ReadonlyMap<string, Secret>,
  ): Promise<{ client: Client; leave(): void }> {
    const key = keyOf(route);
    const jump = this.#jumps.get(key) ?? this.#makeJump(approach, key, route, secrets);
    jump.users += 1;
    clearTimeout(jump.closing);
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      jump.users -= 1;
      if (jump.users > 0) return;
      jump.closing = setTimeout(() => {
        this.#jumps.delete(key);
        jump.client.then((client) => client.end()).catch(() => undefined);
      }, this.#limits.idleMilliseconds);
      jump.closing.unref();
    };
    try {
      return { client: await jump.client, leave };
    } catch (error) {
      for (const message of jump.notices) approach.notice(message);
      leave();
      throw error;
    }
  }

  #makeJump(approach: Approach, key: string, route: readonly Hop[], secrets: ReadonlyMap<string, Secret>): Jump {
    // Others wait for the same connection, so one host's cancel must not end it.
    const notices: string[] = [];
    const notice = (message: string) => {
      notices.push(message);
    };
    const shared: Approach = { ...approach, cancellation: new Cancellation(), route: [], notice };
    const opened = this.#open(shared, route, secrets);
    const client = opened.then((open) => {
      for (const message of notices) approach.notice(message);
      return open.client;
    });
    const jump: Jump = { client, notices, users: 0 };
    const forget = () => {
      if (this.#jumps.get(key) === jump) this.#jumps.delete(key);
    };
    opened.then(({ client, leave }) => {
      client.once("close", forget);
      client.once("close", leave);
    }, forget);
    this.#jumps.set(key, jump);
    return jump;
  }

  #signIn(hop: Hop, secrets: ReadonlyMap<string, Secret>): SignIn {
    const known = this.#signIns.get(hop.secret);
    if (known !== undefined) return known;
    const secret = secrets.get(hop.secret);
    if (secret === undefined) throw new UnusableCredential(reasonText("ssh_credential_not_there"));
    const signIn = prepareSignIn(this.#ssh2, secret);
    if (this.#signIns.size >= 500) this.#signIns.clear();
    this.#signIns.set(hop.secret, signIn);
    return signIn;
  }

  /** Waits for its turn: more handshakes at once only make each slower. */
  async #handshake(open: () => Promise<Client>): Promise<Client> {
    if (this.#handshakes >= this.#limits.handshakes) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#handshakes += 1;
    try {
      return await open();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#handshakes -= 1;
      else next();
    }
  }
}

function keyOf(route: readonly Hop[]): string {
  return route.map((hop) => `${hop.user}@${hop.address} ${hop.port} ${hop.secret}`).join("\n");
}

function forward(jump: Client, hop: Hop, approach: Approach, title: string): Promise<import("ssh2").ClientChannel> {
  const { promise, resolve, reject } = Promise.withResolvers<import("ssh2").ClientChannel>();
  const timer = setTimeout(
    () => reject(new Unreachable(reasonText("ssh_jump_silent", { host: title }))),
    approach.milliseconds,
  );
  const unlisten = approach.cancellation.listen(() =>
    reject(new Unreachable(reasonText("ssh_not_tried", { host: title }))),
  );
  try {
    jump.forwardOut("127.0.0.1", 0, hop.address, hop.port, (error, channel) => {
      if (error) reject(new Unreachable(`${title} ${connectReason(error)}`));
      else resolve(channel);
    });
  } catch {
    reject(new Unreachable(reasonText("ssh_jump_lost", { host: title })));
  }
  return promise.finally(() => {
    clearTimeout(timer);
    unlisten();
  });
}
