/** Of one start of Ansible, on its disk; past it hosts wait with what they printed, and with them the next ones. */
const mostWaitingBytes = 128 * 1024 * 1024;

/**
 * Long output lies in files until it is told, which may take long: hosts that print much take turns. So that it is never
 * all of a run that lies there, what writes a file asks before it goes on, and Ansible begins with no other host in its
 * place meanwhile. On disk at any time: the limit, one output more, and one for each fork.
 */
export class WaitingOutput {
  readonly #most: number;
  readonly #asking: { readonly bytes: number; readonly resolve: () => void }[] = [];
  #bytes = 0;
  #closed = false;

  constructor(most = mostWaitingBytes) {
    this.#most = most;
  }

  /** For a file of so many bytes that was written; resolves when its writer may go on. In the order in which they asked. */
  room(bytes: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#asking.push({ bytes, resolve });
    this.#answer();
    return promise;
  }

  /** A file of so many bytes is gone. */
  gone(bytes: number): void {
    this.#bytes -= bytes;
    this.#answer();
  }

  /** Nobody waits any more. */
  close(): void {
    this.#closed = true;
    this.#answer();
  }

  #answer(): void {
    while (this.#closed || this.#bytes < this.#most) {
      const next = this.#asking.shift();
      if (next === undefined) return;
      this.#bytes += next.bytes;
      next.resolve();
    }
  }
}
