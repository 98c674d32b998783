import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

/** One line of a ledger: what a mock host really did, written by the host's side and by nobody else. */
export interface LedgerEntry {
  readonly what: "ran" | "ended";
  readonly runUid: string;
  readonly position: number;
  readonly host: string;
}

export interface Ledger {
  /** In the file when it returns: a line is one write, appended, so it stands also when the process is killed next. */
  write(entry: LedgerEntry): void;
  close(): void;
}

/** A ledger that stays when the process is killed (not when the machine is: it is not synced). */
export function openLedger(file: string): Ledger {
  let descriptor: number | undefined = openSync(file, "a", 0o600);
  return {
    write(entry) {
      if (descriptor !== undefined) writeSync(descriptor, `${JSON.stringify(entry)}\n`);
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

/** What a ledger holds, in its order. */
export function readLedger(file: string): LedgerEntry[] {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as LedgerEntry);
}
