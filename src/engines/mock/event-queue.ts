import type { EngineEvent } from "../../contract/engine.ts";

/** Events on their way to whoever pulls them; those who put them wait when too many lie here. */
export interface EventQueue {
  /** Resolves at once while there is room, else when there is room again. Does nothing after {@link EventQueue.close}. */
  put(event: EngineEvent): Promise<void> | undefined;
  /** No more events. With an error, the puller gets it behind the events that lie here. */
  close(error?: unknown): void;
  events(): AsyncGenerator<EngineEvent, void, undefined>;
}

export function createEventQueue(room: number): EventQueue {
  let waiting: EngineEvent[] = [];
  let hasRoom = Promise.withResolvers<void>();
  let hasNews = Promise.withResolvers<void>();
  let closed: { error?: unknown } | undefined;

  return {
    put(event) {
      if (closed) return undefined;
      waiting.push(event);
      if (waiting.length === 1) hasNews.resolve();
      return waiting.length < room ? undefined : hasRoom.promise;
    },
    close(error) {
      closed ??= error === undefined ? {} : { error };
      hasNews.resolve();
      hasRoom.resolve();
    },
    async *events() {
      for (;;) {
        await hasNews.promise;
        const batch = waiting;
        waiting = [];
        if (!closed) hasNews = Promise.withResolvers();
        const full = hasRoom;
        if (!closed) hasRoom = Promise.withResolvers();
        full.resolve();
        yield* batch;
        if (closed && waiting.length === 0) {
          if ("error" in closed) throw closed.error;
          return;
        }
      }
    },
  };
}
