import { UnstyledButton } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { isFinalRunState } from "../../../src/contract/states.ts";
import type { Execution, Run } from "../../api/types.ts";
import { Empty } from "../../components/feedback/empty.tsx";
import { usePhone } from "../../components/layout/use-phone.ts";
import { ExecutionMark } from "../../components/state/state-mark.tsx";
import type { Column } from "../../components/table/column.ts";
import { DataTable } from "../../components/table/data-table.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { endText } from "./end-text.ts";
import styles from "./timing.module.css";
import { type Timing, type TimingSummary, timingSummary } from "./timing.ts";
import { useNow } from "./use-now.ts";

interface TimingTabProps {
  readonly run: Run;
  readonly hosts: readonly Execution[];
  readonly selected: number | undefined;
  readonly onHost: (position: number) => void;
}

/** Who is slow: how the times are spread, then every host with its own, slowest first. */
export function TimingTab({ run, hosts, selected, onHost }: TimingTabProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const phone = usePhone();
  const now = useNow(!isFinalRunState(run.state));
  const summary = useMemo(() => timingSummary(hosts, now), [hosts, now]);
  if (summary === undefined) return <Empty title={t("timing.none")} />;
  const columns: readonly Column<Timing>[] = [
    {
      key: "host",
      header: t("timing.host"),
      width: phone ? undefined : selected === undefined ? 220 : 140,
      cell: ({ execution }) => (
        <UnstyledButton className={styles.host} onClick={() => onHost(execution.position)}>
          {execution.hostName}
        </UnstyledButton>
      ),
    },
    {
      key: "state",
      header: t("timing.state"),
      width: phone ? 120 : 140,
      cell: ({ execution }) => <ExecutionMark state={execution.state} detail={endText(execution, t)} />,
    },
    {
      key: "took",
      header: t("run.took"),
      width: phone ? 84 : 96,
      align: "end",
      cell: ({ took }) => format.took(took),
    },
    {
      key: "when",
      header: t("timing.when"),
      wide: true,
      cell: ({ execution, after, took }) => (
        <span className={styles.track} aria-hidden="true">
          <span
            className={styles.span}
            data-state={execution.state}
            style={{ left: `${(100 * after) / summary.span}%`, width: `${(100 * took) / summary.span}%` }}
          />
        </span>
      ),
    },
  ];
  return (
    <div className={styles.timing}>
      <Spread summary={summary} />
      <div className={styles.table}>
        <DataTable
          label={t("timing.table")}
          columns={columns}
          rows={summary.timings}
          rowKey={({ execution }) => execution.position}
          selectedKey={selected}
        />
      </div>
    </div>
  );
}

interface SpreadProps {
  readonly summary: TimingSummary;
}

const barWidth = 10;
const chartHeight = 56;

function Spread({ summary }: SpreadProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { bars, median, slowTenth, slowest } = summary;
  const most = Math.max(...bars.map(({ count }) => count));
  const facts = [
    [t("timing.median"), format.took(median)],
    [t("timing.slowTenth"), format.took(slowTenth)],
    [t("timing.slowest"), format.took(slowest)],
  ] as const;
  return (
    <figure className={styles.spread}>
      <svg
        className={styles.chart}
        viewBox={`0 0 ${bars.length * barWidth} ${chartHeight}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t("timing.spread", { median: format.took(median), slowest: format.took(slowest) })}
      >
        {bars.map(({ from, to, count }, place) => {
          const height = count === 0 ? 0 : Math.max(2, (chartHeight * count) / most);
          return (
            <rect key={from} x={place * barWidth} y={chartHeight - height} width={barWidth - 1} height={height}>
              <title>
                {t("timing.bar", { from: format.duration(from), to: format.duration(to), count: format.number(count) })}
              </title>
            </rect>
          );
        })}
      </svg>
      <figcaption className={styles.axis}>
        <span>{format.duration(0)}</span>
        <dl className={styles.facts}>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <span>{format.duration(bars.at(-1)?.to ?? 0)}</span>
      </figcaption>
    </figure>
  );
}
