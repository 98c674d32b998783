import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { usePreferences } from "../../app/preferences.ts";
import { Panel } from "../../components/layout/panel.tsx";
import { ReasonText } from "../../components/state/reason-text.tsx";
import { ExecutionMark } from "../../components/state/state-mark.tsx";
import { DataTable } from "../../components/table/data-table.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { endText } from "../run/end-text.ts";
import styles from "./inventory.module.css";
import type { HostExecution } from "./last-run.tsx";

interface HostRunsProps {
  /** Latest first. */
  readonly executions: readonly HostExecution[];
}

/** The latest runs that a host took part in, each with how it ended there. */
export function HostRuns({ executions }: HostRunsProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const format = useFormat();
  return (
    <Panel title={t("host.runs")}>
      {executions.length === 0 ? (
        <p className={styles.about}>{t("host.noRuns")}</p>
      ) : (
        <DataTable
          label={t("host.runs")}
          rows={executions}
          rowKey={(one) => `${one.runId} ${one.position}`}
          columns={[
            {
              key: "run",
              header: t("history.number"),
              width: 70,
              cell: (one) => (
                <Link to="/runs/$id" params={{ id: String(one.runId) }} search={{ host: one.position }}>
                  {one.runId}
                </Link>
              ),
            },
            { key: "module", header: t("history.module"), cell: (one) => one.moduleName[language] },
            {
              key: "state",
              header: t("history.state"),
              cell: (one) => <ExecutionMark state={one.state} detail={endText(one, t)} />,
            },
            {
              key: "at",
              header: t("run.started"),
              wide: true,
              cell: (one) => (one.startedAt === undefined ? "" : format.dateTime(one.startedAt)),
            },
            {
              key: "reason",
              header: t("host.reason"),
              wide: true,
              cell: (one) => <ReasonText text={one.reason} />,
            },
          ]}
        />
      )}
    </Panel>
  );
}
