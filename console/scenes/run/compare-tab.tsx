import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { foldHosts } from "../../../src/contract/host-range.ts";
import { isFinalRunState } from "../../../src/contract/states.ts";
import { client } from "../../api/client.ts";
import type { Execution, Run } from "../../api/types.ts";
import { Empty } from "../../components/feedback/empty.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { openRunView } from "../../live/run-state.ts";
import { ChangeCard } from "./change-card.tsx";
import styles from "./compare.module.css";
import { compareRuns } from "./compare-runs.ts";
import { earlierQuery } from "./earlier-query.ts";

interface CompareTabProps {
  readonly run: Run;
  /** Those of this run that are looked at. */
  readonly hosts: readonly Execution[];
  /** Some hosts of this run are left out: those of the other that are missing here say nothing then. */
  readonly partial: boolean;
  readonly otherId: number | undefined;
  readonly onOther: (id: number | undefined) => void;
  readonly onHost: (position: number) => void;
}

const shownChanges = 100;

/** Host by host against another run of the same module: without a choice the last one on the same hosts. */
export function CompareTab({ run, hosts, partial, otherId, onOther, onHost }: CompareTabProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const earlier = useQuery(earlierQuery(run.id));
  const chosen = otherId ?? earlier.data?.sameHosts?.id ?? earlier.data?.runs.find(({ id }) => id < run.id)?.id;
  const other = useQuery({
    queryKey: ["run-hosts", chosen],
    queryFn: async ({ signal }) => {
      const columns = await client.call("GET /runs/:id/hosts", { params: { id: chosen ?? 0 }, signal });
      return { run: columns.run, executions: openRunView(columns).executions };
    },
    enabled: chosen !== undefined,
    staleTime: 60_000,
    gcTime: 60_000,
  });
  const comparison = useMemo(
    () => (other.data === undefined ? undefined : compareRuns(hosts, other.data.executions)),
    [hosts, other.data],
  );

  if (earlier.error) return <ProblemAlert error={earlier.error} onRetry={() => void earlier.refetch()} />;
  if (earlier.data === undefined) return <Loading rows={4} />;
  const runs = earlier.data.runs;
  if (runs.length === 0 && otherId === undefined) return <Empty title={t("compare.none")} />;
  const listed = other.data === undefined || runs.some(({ id }) => id === chosen) ? runs : [other.data.run, ...runs];
  return (
    <div className={styles.compare}>
      <div className={styles.head}>
        <Select
          aria-label={t("compare.with")}
          data={listed.map((each) => ({
            value: String(each.id),
            label: t("compare.choice", { id: each.id, at: format.dateTime(each.createdAt), count: each.hostCount }),
          }))}
          value={chosen === undefined ? null : String(chosen)}
          onChange={(value) => onOther(value === null ? undefined : Number(value))}
          allowDeselect={false}
        />
        {chosen === undefined ? null : (
          <Link to="/runs/$id" params={{ id: String(chosen) }}>
            {t("run.number", { id: chosen })}
          </Link>
        )}
        {isFinalRunState(run.state) ? null : <span className={styles.quiet}>{t("compare.stillRunning")}</span>}
      </div>
      {other.error ? <ProblemAlert error={other.error} onRetry={() => void other.refetch()} /> : null}
      {chosen !== undefined && other.isLoading ? <Loading rows={4} /> : null}
      {comparison === undefined || chosen === undefined ? null : (
        <>
          <p className={styles.summary} role="status">
            <strong>{t("compare.changed", { count: comparison.changed })}</strong>
            <span>{t("compare.same", { count: comparison.same })}</span>
            {comparison.added.length === 0 ? null : (
              <span title={foldHosts(comparison.added).slice(0, 2_000)}>
                {t("compare.added", { count: comparison.added.length })}
              </span>
            )}
            {partial || comparison.gone.length === 0 ? null : (
              <span title={foldHosts(comparison.gone).slice(0, 2_000)}>
                {t("compare.gone", { count: comparison.gone.length })}
              </span>
            )}
          </p>
          {comparison.changes.slice(0, shownChanges).map((change, place) => (
            <ChangeCard
              key={change.key}
              runId={run.id}
              otherRunId={chosen}
              change={change}
              openFirst={place < 5}
              onHost={onHost}
            />
          ))}
          {comparison.changes.length > shownChanges ? (
            <p className={styles.quiet}>{t("compare.more", { count: comparison.changes.length - shownChanges })}</p>
          ) : null}
        </>
      )}
    </div>
  );
}
