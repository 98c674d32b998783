const roomBytes = 1024 * 1024;

export interface EventChannel<T> {
  /** Takes an event. False when its source should pause; then `resume` is called once there is room again. */
  put(event: T, resume?: () => void): boolean;
  /** All events, to the end. */
  events(): AsyncGenerator<T, void, undefined>;
  /** No more events come. */
  end(): void;
  /** From now on events are dropped, so that no source waits for a consumer that has left. */
  discard(): void;
}

/** From many sources to one consumer, bounded by the bytes of output under way. */
export function createEventChannel<T extends { readonly data?: Uint8Array } | object>(): EventChannel<T> {
  let items: T[] = [];
  let bytes = 0;
  let ended = false;
  let discarding = false;
  let wake: (() => void) | undefined;
  let paused: (() => void)[] = [];

  function resumeAll(): void {
    const resumes = paused;
    paused = [];
    for (const resume of resumes) resume();
  }
  function size(event: T): number {
    return "data" in event && event.data instanceof Uint8Array ? event.data.length : 0;
  }

  return {
    put(event, resume) {
      if (discarding) return true;
      items.push(event);
      bytes += size(event);
      wake?.();
      if (bytes < roomBytes || resume === undefined) return true;
      paused.push(resume);
      return false;
    },
    async *events() {
      for (;;) {
        const batch = items;
        items = [];
        for (const event of batch) {
          bytes -= size(event);
          if (bytes < roomBytes / 2 && paused.length > 0) resumeAll();
          yield event;
        }
        if (items.length > 0) continue;
        if (ended) return;
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
        wake = undefined;
      }
    },
    end() {
      ended = true;
      wake?.();
    },
    discard() {
      discarding = true;
      items = [];
      resumeAll();
    },
  };
}
