const most = 10_000;

/** TLS sessions that spare the next connection to a minion the signatures; of the last minions, a couple of KB each. */
export class MinionSessions {
  /** Null where the minion turned a session away that it had offered itself. */
  readonly #known = new Map<string, Buffer | null>();

  of(minion: string): Buffer | undefined {
    return this.#known.get(minion) ?? undefined;
  }

  keep(minion: string, session: Buffer | undefined): void {
    if (session === undefined || this.#known.get(minion) === null) return;
    this.#set(minion, session);
  }

  /** It is not offered any again. */
  refused(minion: string): void {
    this.#set(minion, null);
  }

  #set(minion: string, session: Buffer | null): void {
    this.#known.delete(minion);
    this.#known.set(minion, session);
    const [oldest] = this.#known.keys();
    if (this.#known.size > most && oldest !== undefined) this.#known.delete(oldest);
  }
}
