/**
 * Told when the controller passes a named point: just before and just after each durable write. For traces, and for
 * tests that kill the process there.
 */
export type Observe = (
  point: "journal.before" | "journal.after" | "accept.before" | "accept.after" | "recover.before" | "recover.after",
) => void;
