import { InvalidArgumentError } from "commander";

/** For commander: a whole number from 1 on. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("It must be a whole number from 1 on.");
  }
  return value;
}

/** For commander: seconds, also as 90s, 5m or 2h; gives milliseconds. */
export function duration(text: string): number {
  const match = /^(\d+)(s|m|h)?$/.exec(text);
  if (match === null) throw new InvalidArgumentError("It must be a time such as 90, 90s, 5m or 2h.");
  return Number(match[1]) * ({ s: 1, m: 60, h: 3600 }[match[2] ?? "s"] ?? 1) * 1000;
}

/** For commander: a date such as 2026-11-23 or 2026-11-23T08:00; gives milliseconds since 1970. */
export function moment(text: string): number {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00`) : new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new InvalidArgumentError("It must be a date such as 2026-11-23 or 2026-11-23T08:00.");
  return time.getTime();
}

/** For commander: collects an option that may be repeated. */
export function collected(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}
