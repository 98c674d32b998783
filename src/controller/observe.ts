import type { Journal } from "./spool/journal.ts";

/** What the journal writes, and its wait for the disk. */
export const journalWrites = ["accept", "refuse", "cancel", "release", "write", "sync"] as const;
type JournalWrite = (typeof journalWrites)[number];

/**
 * Told when the controller passes a named point: just before and just after each write of its journal, and around its
 * recovery. For traces, and for tests that kill the process there.
 */
export type Observe = (point: `${JournalWrite | "recover"}.${"before" | "after"}`) => void;

/** The same journal, whose writes are told. A write that throws, or a disk that fails, is told by its `before` alone. */
export function observedJournal(journal: Journal, observe: Observe): Journal {
  function around<Given extends unknown[], Result>(name: JournalWrite, method: (...given: Given) => Result) {
    return (...given: Given): Result => {
      observe(`${name}.before`);
      const result = method(...given);
      observe(`${name}.after`);
      return result;
    };
  }
  return {
    ...journal,
    accept: around("accept", journal.accept),
    refuse: around("refuse", journal.refuse),
    cancel: around("cancel", journal.cancel),
    release: around("release", journal.release),
    write: around("write", journal.write),
    async sync() {
      observe("sync.before");
      await journal.sync();
      observe("sync.after");
    },
  };
}
