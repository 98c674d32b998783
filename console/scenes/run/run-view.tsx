import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type ExecutionState, isFinalRunState } from "../../../src/contract/states.ts";
import type { Execution, Run } from "../../api/types.ts";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { RunGrid } from "../../components/run-grid/run-grid.tsx";
import { ReasonText } from "../../components/state/reason-text.tsx";
import { RunMark } from "../../components/state/state-mark.tsx";
import { groupAnswers } from "../../live/groups.ts";
import { emptyTail } from "../../live/tail.ts";
import { useLiveRun } from "../../live/use-live-run.ts";
import { AnswerGroups } from "./answer-groups.tsx";
import { ConnectionMark } from "./connection-mark.tsx";
import { HostPanel } from "./host-panel.tsx";
import styles from "./run.module.css";
import { RunActions } from "./run-actions.tsx";
import { RunCounts } from "./run-counts.tsx";
import { RunFacts } from "./run-facts.tsx";
import { useThrottled } from "./use-throttled.ts";

/** What of a run is looked at; part of the address on the run's own page. */
export interface RunLook {
  readonly state?: ExecutionState | undefined;
  readonly host?: number | undefined;
}

interface RunViewProps {
  readonly runId: number;
  readonly look: RunLook;
  readonly onLook: (look: RunLook) => void;
  readonly onStarted: (run: Run) => void;
}

/** A run as it happens: state and counts, a cell a host, equal answers together, one host in full. */
export function RunView({ runId, look, onLook, onStarted }: RunViewProps) {
  const { t } = useTranslation();
  const { view, connection, tail, tailOf, problem } = useLiveRun(runId, look.host);
  const { run } = view;
  const executions = useMemo(
    () => view.executions.filter((one): one is Execution => one !== undefined),
    [view.executions],
  );
  const settled = useThrottled(executions, run !== undefined && isFinalRunState(run.state) ? 0 : 400);
  const groups = useMemo(
    () => groupAnswers(look.state === undefined ? settled : settled.filter((one) => one.state === look.state)),
    [settled, look.state],
  );
  const cells = useMemo(
    () => (look.state === undefined ? executions : executions.filter((one) => one.state === look.state)),
    [executions, look.state],
  );

  if (run === undefined) {
    return connection === "refused" ? <ProblemAlert error={problem} /> : <Loading rows={5} />;
  }
  const host = look.host === undefined ? undefined : view.executions[look.host];
  const answered = groups.length > 0;
  return (
    <div className={styles.view}>
      <div className={styles.viewHead}>
        <RunMark state={run.state} needsAttention={run.needsAttention} />
        <ConnectionMark connection={connection} />
        <span className={styles.spring} />
        <RunActions run={run} onStarted={onStarted} />
      </div>
      {run.reason === "" ? null : (
        <p className={styles.reason}>
          <ReasonText text={run.reason} />
        </p>
      )}
      <RunFacts run={run} />
      <RunCounts run={run} filter={look.state} onFilter={(state) => onLook({ ...look, state })} />
      {run.hostCount > 1 ? (
        <RunGrid
          label={t("run.grid", { count: cells.length })}
          cells={cells}
          selected={look.host}
          onSelect={(position) => onLook({ ...look, host: position === look.host ? undefined : position })}
        />
      ) : null}
      <div className={styles.answers} data-host={host !== undefined || undefined}>
        <div className={styles.answerList}>
          {answered ? (
            <AnswerGroups
              runId={runId}
              groups={groups}
              total={run.hostCount}
              onHost={(position) => onLook({ ...look, host: position })}
            />
          ) : (
            <p className={styles.waiting}>{t(isFinalRunState(run.state) ? "run.noAnswers" : "run.waiting")}</p>
          )}
        </div>
        {host === undefined ? null : (
          <HostPanel
            key={host.position}
            runId={runId}
            execution={host}
            tail={tailOf === host.position ? tail : emptyTail}
            onClose={() => onLook({ ...look, host: undefined })}
          />
        )}
      </div>
    </div>
  );
}
