/** What engine and stub fleet say to one another: a line of JSON each, over a Unix socket. */
export type Ask =
  | ({ readonly ask: "start"; readonly id: number; readonly claim: boolean; readonly longest: number } & Place)
  /** With `bury` it can begin no more where nothing is. */
  | ({ readonly ask: "follow"; readonly id: number; readonly bury: boolean; readonly from: number } & Place)
  | ({ readonly ask: "stop"; readonly id: number } & Place)
  /** The end is durable: what is kept may go. */
  | { readonly ask: "settle"; readonly id: number; readonly runUid: string; readonly positions: readonly number[] };

export interface Place {
  readonly runUid: string;
  readonly position: number;
  readonly host: string;
}

export type Word =
  | { readonly id: number; readonly word: "started" | "taken" | "none" | "never" | "bare" | "settled" }
  | { readonly id: number; readonly word: "output"; readonly text: string }
  | { readonly id: number; readonly word: "ended"; readonly code: number }
  | { readonly id: number; readonly word: "stopped" };

/** A line of the ledger: what a stub host really did, written by the fleet and by nobody else. */
export interface Done extends Place {
  readonly what: "ran" | "ended" | "stopped";
}

/** Hosts that can keep nothing though they are asked to. */
export function isBare(host: string): boolean {
  return numberOf(host) % 20 === 19;
}

/** Hosts that are set to keep nothing. */
export function isUnclaimed(index: number): boolean {
  return index % 20 === 9;
}

/** Of a host that keeps nothing, a crash may leave it unknown what it ran. */
export function maybeUnknown(host: string): boolean {
  return isBare(host) || isUnclaimed(numberOf(host));
}

export function exitCodeOf(host: string): number {
  return numberOf(host) % 5 === 0 ? 3 : 0;
}

export function outputOf({ host, runUid }: Place): readonly [string, string] {
  return [`${host} begins ${runUid}\n`, `${host} ends\n`];
}

function numberOf(host: string): number {
  return Number(host.replace(/\D/g, ""));
}

/** Whole lines of what comes in pieces. */
export function createLines(take: (line: string) => void): (piece: string) => void {
  let rest = "";
  return (piece) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  };
}
