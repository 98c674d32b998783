export const hourMilliseconds = 3_600_000;
const shownHours = 24;

export interface HourCounts {
  /** Hours without any are left out. */
  readonly hours: readonly { readonly hour: number; readonly count: number }[];
  /** Start of the last hour shown, milliseconds since 1970. */
  readonly until: number;
}

export interface HourBar {
  readonly hour: number;
  readonly count: number;
}

/** Where the 24 hours begin that end with the present one, and the present one. */
export function lastDay(now: number): { readonly from: number; readonly until: number } {
  const until = now - (now % hourMilliseconds);
  return { from: until - (shownHours - 1) * hourMilliseconds, until };
}

/** Every one of the 24 hours that end with `until`, oldest first. */
export function hourBars({ hours, until }: HourCounts): readonly HourBar[] {
  const counts = new Map(hours.map(({ hour, count }) => [hour, count]));
  return Array.from({ length: shownHours }, (_, index) => {
    const hour = until - (shownHours - 1 - index) * hourMilliseconds;
    return { hour, count: counts.get(hour) ?? 0 };
  });
}

/** What an address says of an hour; undefined where it says none. */
export function readHour(hour: number | undefined): number | undefined {
  const isHour = Number.isSafeInteger(hour) && Number(hour) > 0 && Number(hour) % hourMilliseconds === 0;
  return isHour ? hour : undefined;
}

/** The hour as the API's filters take it. */
export function hourFilter(hour: number | undefined): { from?: number; to?: number } {
  return hour === undefined ? {} : { from: hour, to: hour + hourMilliseconds };
}
