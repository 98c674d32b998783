/** How a client command ends, as docs/cli.md has it. What is refused or breaks is 1, wrong usage 2 (src/daemon). */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  /** It was done, and the answer is not well: hosts that did not end ok, a test that failed, a broken audit chain. */
  notWell: 3,
  /** A host of the run is in an unknown state. */
  unknown: 4,
  cancelled: 5,
  /** A person's confirmation was needed and not given. */
  notConfirmed: 6,
  /** The run waited for a second person, who rejected it or did not come in time. */
  notApproved: 7,
  /** Ctrl-C while something was going on. */
  interrupted: 130,
} as const;
