import { type RunState, runStates } from "../../../src/contract/states.ts";

/** How far back the list goes, in milliseconds. */
export const periods = { hour: 3_600_000, day: 86_400_000, week: 604_800_000, month: 2_592_000_000 } as const;
export type Period = keyof typeof periods;
export const periodNames = Object.keys(periods) as readonly Period[];

/** Filters of the list of runs, as they stand in its address. */
export interface RunsSearch {
  readonly state?: RunState | undefined;
  readonly moduleId?: number | undefined;
  readonly requestedBy?: string | undefined;
  /** Name of a host that took part. */
  readonly host?: string | undefined;
  readonly period?: Period | undefined;
  /** Those that wait for a second person, whom whoever looks may be. */
  readonly waitingFor?: "me" | undefined;
}

/** The same as it stands in an address, not looked at yet. */
export type RunsSearchInput = { readonly [Key in keyof RunsSearch]?: unknown };

/** The filters that an address asks for; what it does not know is left out. */
export function runsSearchIn(search: RunsSearchInput): RunsSearch {
  const moduleId = Number(search.moduleId);
  return Object.fromEntries(
    Object.entries({
      state: runStates.find((state) => state === search.state),
      moduleId:
        search.moduleId !== "" && search.moduleId !== null && Number.isSafeInteger(moduleId) && moduleId >= 0
          ? moduleId
          : undefined,
      requestedBy: textIn(search.requestedBy),
      host: textIn(search.host),
      period: periodNames.find((period) => period === search.period),
      waitingFor: search.waitingFor === "me" ? "me" : undefined,
    }).filter(([, value]) => value !== undefined),
  );
}

/** What the API is asked for. A period begins on the minute, so that the same question stays the same for a while. */
export function runsQuery({ period, ...search }: RunsSearch, now: number) {
  return period === undefined ? search : { ...search, from: Math.floor((now - periods[period]) / 60_000) * 60_000 };
}

/** A host may be called by digits alone, which an address gives as a number. */
function textIn(value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  return String(value).slice(0, 253) || undefined;
}
