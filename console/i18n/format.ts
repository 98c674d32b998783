import type { Language } from "../app/preferences.ts";

export interface Format {
  number(value: number): string;
  percent(share: number): string;
  /** Date and time to the second. */
  dateTime(milliseconds: number): string;
  /** Day of the year and time to the minute, where there is little room. */
  dayTime(milliseconds: number): string;
  time(milliseconds: number): string;
  /** Time of day to the minute. */
  clock(milliseconds: number): string;
  /** How long ago, coarse: “3 minutes ago”. */
  ago(milliseconds: number, now: number): string;
  /** `0.42 s`, `12 s`, `3 min 05 s`, `2 h 03 min`. */
  duration(milliseconds: number): string;
  /** A duration that was measured, in whole milliseconds: none is said to have taken no time. */
  took(milliseconds: number): string;
  /** A duration that is a guess: `40 s`, `3 min`, `2 h`. */
  about(milliseconds: number): string;
  /** So many a second, to two digits: `0.4`, `7.1`, `152`. */
  rate(perSecond: number): string;
  bytes(count: number): string;
}

/** Dates, numbers and sizes as the language writes them. */
export function createFormat(language: Language, timeZone?: string): Format {
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  const zone = timeZone === undefined ? {} : { timeZone };
  const number = lazily(() => new Intl.NumberFormat(locale));
  const percent = lazily(() => new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }));
  const month = language === "zh" ? "2-digit" : "short";
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", ...zone } as const;
  const day = { year: "numeric", month, day: "2-digit" } as const;
  const dateTime = lazily(() => new Intl.DateTimeFormat(locale, { ...day, ...clock }));
  const dayTime = lazily(
    () =>
      new Intl.DateTimeFormat(locale, {
        month,
        day: "2-digit",
        hour: "2-digit",
        minute: "2-digit",
        hourCycle: "h23",
        ...zone,
      }),
  );
  const minute = lazily(
    () => new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...zone }),
  );
  const time = lazily(() => new Intl.DateTimeFormat(locale, clock));
  const relative = lazily(() => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
  const short = lazily(() => new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }));
  const whole = lazily(() => new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }));
  const units =
    language === "zh"
      ? { h: " 小时", min: " 分", s: " 秒", ms: " 毫秒" }
      : { h: " h", min: " min", s: " s", ms: " ms" };
  function duration(milliseconds: number): string {
    if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))}${units.ms}`;
    const seconds = milliseconds / 1000;
    if (seconds < 10) return `${seconds.toFixed(1)}${units.s}`;
    if (seconds < 60) return `${Math.floor(seconds)}${units.s}`;
    const whole = Math.floor(seconds);
    if (whole < 3600) return `${Math.floor(whole / 60)}${units.min} ${two(whole % 60)}${units.s}`;
    return `${Math.floor(whole / 3600)}${units.h} ${two(Math.floor((whole % 3600) / 60))}${units.min}`;
  }
  return {
    number: (value) => number().format(value),
    percent: (share) => percent().format(share),
    dateTime: (milliseconds) => dateTime().format(milliseconds),
    dayTime: (milliseconds) => dayTime().format(milliseconds),
    time: (milliseconds) => time().format(milliseconds),
    clock: (milliseconds) => minute().format(milliseconds),
    ago(milliseconds, now) {
      const seconds = Math.round((milliseconds - now) / 1000);
      if (Math.abs(seconds) < 60) return relative().format(seconds, "second");
      if (Math.abs(seconds) < 3600) return relative().format(Math.round(seconds / 60), "minute");
      if (Math.abs(seconds) < 86_400) return relative().format(Math.round(seconds / 3600), "hour");
      return relative().format(Math.round(seconds / 86_400), "day");
    },
    duration,
    took: (milliseconds) => (milliseconds < 1 ? `< 1${units.ms}` : duration(milliseconds)),
    about(milliseconds) {
      const seconds = milliseconds / 1000;
      if (seconds < 10) return `${Math.max(1, Math.ceil(seconds))}${units.s}`;
      if (seconds < 60) return `${Math.ceil(seconds / 5) * 5}${units.s}`;
      if (seconds < 3600) return `${Math.ceil(seconds / 60)}${units.min}`;
      return `${short().format(seconds / 3600)}${units.h}`;
    },
    rate: (perSecond) => (perSecond < 10 ? short : whole)().format(perSecond),
    bytes(count) {
      if (count < 1024) return `${number().format(count)} B`;
      const names = ["KiB", "MiB", "GiB", "TiB"];
      const power = Math.min(names.length, Math.floor(Math.log2(count) / 10));
      return `${short().format(count / 1024 ** power)} ${names[power - 1]}`;
    },
  };
}

/** Each costs a browser some milliseconds, and a page needs two or three of them. */
function lazily<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
