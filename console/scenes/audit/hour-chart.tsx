import { CloseButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./hour-chart.module.css";
import { type HourCounts, hourBars, hourMilliseconds } from "./hours.ts";

interface HourChartProps extends HourCounts {
  /** What is counted. */
  readonly of: "commands" | "actions";
  /** Start of the hour that the list beside it is narrowed to. */
  readonly chosen: number | undefined;
  readonly onChoose: (hour: number | undefined) => void;
}

/** A bar for each of the last 24 hours; one that is chosen narrows the list to its hour, once more widens it again. */
export function HourChart({ of, hours, until, chosen, onChoose }: HourChartProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const bars = hourBars({ hours, until });
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const total = bars.reduce((sum, { count }) => sum + count, 0);
  return (
    <figure className={styles.chart} aria-label={t(`hours.${of}.label`)}>
      <figcaption>
        <span>{t(`hours.${of}.total`, { count: total, shown: format.number(total) })}</span>
        {total === 0 ? null : <span>{t("hours.most", { shown: format.number(most) })}</span>}
        {chosen === undefined ? null : (
          <span className={styles.chosen}>
            {t("hours.chosen", {
              from: format.dayTime(chosen),
              to: format.clock(chosen + hourMilliseconds),
            })}
            <CloseButton size="xs" aria-label={t("hours.all")} onClick={() => onChoose(undefined)} />
          </span>
        )}
      </figcaption>
      <ol className={styles.bars} data-narrowed={chosen !== undefined || undefined}>
        {bars.map(({ hour, count }) => {
          const text = t(`hours.${of}.hour`, { from: format.dayTime(hour), count, shown: format.number(count) });
          return (
            <li key={hour}>
              <button
                type="button"
                title={text}
                aria-label={text}
                aria-pressed={hour === chosen}
                disabled={count === 0 && hour !== chosen}
                onClick={() => onChoose(hour === chosen ? undefined : hour)}
              >
                <svg viewBox="0 0 10 40" preserveAspectRatio="none" aria-hidden="true">
                  <rect x="1" width="8" y={40 - (count / most) * 38 - 1} height={(count / most) * 38 + 1} rx="1" />
                </svg>
              </button>
            </li>
          );
        })}
      </ol>
      <div className={styles.axis} aria-hidden="true">
        {bars.map(({ hour }, place) =>
          place % 6 === 0 ? (
            <span key={hour} data-place={place}>
              {format.clock(hour)}
            </span>
          ) : null,
        )}
        <span>{t("hours.now")}</span>
      </div>
    </figure>
  );
}
