import { useTranslation } from "react-i18next";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./audit.module.css";

interface HourChartProps {
  /** Hours without any are left out. */
  readonly hours: readonly { readonly hour: number; readonly count: number }[];
  /** Start of the last hour shown, milliseconds since 1970. */
  readonly until: number;
}

const hourMilliseconds = 3_600_000;
const shownHours = 24;

/** A bar an hour; read out as a list. */
export function HourChart({ hours, until }: HourChartProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const counts = new Map(hours.map(({ hour, count }) => [hour, count]));
  const bars = Array.from({ length: shownHours }, (_, index) => {
    const hour = until - (shownHours - 1 - index) * hourMilliseconds;
    return { hour, count: counts.get(hour) ?? 0 };
  });
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const total = bars.reduce((sum, { count }) => sum + count, 0);
  return (
    <figure className={styles.chart} aria-label={t("shell.activity")}>
      <figcaption>{t("shell.total", { count: total })}</figcaption>
      <ol className={styles.bars}>
        {bars.map(({ hour, count }) => {
          const text = t("shell.activityHour", { from: format.dateTime(hour), count });
          return (
            <li key={hour} title={text}>
              <svg viewBox="0 0 10 40" preserveAspectRatio="none" role="img" aria-label={text}>
                <rect x="1" width="8" y={40 - (count / most) * 38 - 1} height={(count / most) * 38 + 1} rx="1" />
              </svg>
            </li>
          );
        })}
      </ol>
    </figure>
  );
}
