import { type ExecutionState, executionStates } from "../../../src/contract/states.ts";

export const runTabs = ["answers", "timing", "compare"] as const;
export type RunTab = (typeof runTabs)[number];

/** What of a run is looked at; part of the address on the run's own page, so that a link shows the same. */
export interface RunLook {
  readonly tab?: RunTab | undefined;
  /** Only hosts in this state. */
  readonly state?: ExecutionState | undefined;
  /** Only hosts whose name holds this; `*` stands for anything. */
  readonly find?: string | undefined;
  /** Position of the host that is open. */
  readonly host?: number | undefined;
  /** What is looked for in its output. */
  readonly text?: string | undefined;
  /** The run that this one is held against. */
  readonly with?: number | undefined;
}

/** The same as it stands in an address, not looked at yet. */
export type RunLookSearch = { readonly [Key in keyof RunLook]?: unknown };

/** The look that an address asks for; what it does not know is left out. */
export function lookIn(search: RunLookSearch): RunLook {
  return Object.fromEntries(
    Object.entries({
      tab: runTabs.find((tab) => tab === search.tab && tab !== "answers"),
      state: executionStates.find((state) => state === search.state),
      find: textIn(search.find),
      host: numberIn(search.host, 0),
      text: textIn(search.text),
      with: numberIn(search.with, 1),
    }).filter(([, value]) => value !== undefined),
  );
}

/** Says of a host's name whether it is one that is looked for. */
export function hostFilter(find: string | undefined): ((hostName: string) => boolean) | undefined {
  const wanted = find?.trim().toLowerCase() ?? "";
  if (wanted === "") return undefined;
  if (!wanted.includes("*")) return (name) => name.toLowerCase().includes(wanted);
  const pattern = wanted.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${pattern.join(".*")}$`);
  return (name) => expression.test(name.toLowerCase());
}

function textIn(value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  return String(value).slice(0, 500) || undefined;
}

function numberIn(value: unknown, least: number): number | undefined {
  const number = Number(value);
  return value !== "" && value !== null && Number.isSafeInteger(number) && number >= least ? number : undefined;
}
