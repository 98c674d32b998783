/** Items from callbacks to one async consumer, in order. What bounds it is the credit that producers get back. */
export class EventQueue<T> {
  #items: T[] = [];
  #next = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  push(item: T): void {
    this.#items.push(item);
    this.#wake?.();
  }

  /** Everything was pushed; the consumer ends when it has taken it. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The next item; undefined at the end. */
  async take(): Promise<T | undefined> {
    for (;;) {
      const item = this.#items[this.#next];
      if (item !== undefined) {
        this.#next += 1;
        if (this.#next > 1024 || this.#next === this.#items.length) {
          this.#items = this.#items.slice(this.#next);
          this.#next = 0;
        }
        return item;
      }
      if (this.#ended) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
      this.#wake = undefined;
    }
  }
}
