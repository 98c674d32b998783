import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallOutput } from "../../../src/contract/http/client.ts";
import { isFinalExecutionState } from "../../../src/contract/states.ts";
import { usePreferences } from "../../app/preferences.ts";
import { Panel } from "../../components/layout/panel.tsx";
import { ReasonText } from "../../components/state/reason-text.tsx";
import { ExecutionMark } from "../../components/state/state-mark.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { useLiveHost } from "../../live/use-live-host.ts";
import { ConnectionMark } from "../run/connection-mark.tsx";
import { endText } from "../run/end-text.ts";
import { HostAnswer } from "../run/host-answer.tsx";
import styles from "./host-page.module.css";

export type HostExecution = CallOutput<"GET /hosts/:id">["executions"][number];

interface LastRunProps {
  readonly execution: HostExecution;
  /** It has ended while this was shown. */
  readonly onEnd: () => void;
}

/** What the host answered last, live while it runs: state, steps and output as the run page shows them. */
export function LastRun({ execution: known, onEnd }: LastRunProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const format = useFormat();
  const [find, setFind] = useState("");
  const { execution, tail, connection } = useLiveHost(known.runId, known);
  const { runId, position, state, reason, startedAt, finishedAt } = execution;
  const hasEnded = isFinalExecutionState(state) && !isFinalExecutionState(known.state);
  // biome-ignore lint/correctness/useExhaustiveDependencies: told once
  useEffect(() => {
    if (hasEnded) onEnd();
  }, [hasEnded]);
  return (
    <Panel
      title={t("hostPage.lastRun")}
      actions={
        <Link to="/runs/$id" params={{ id: String(runId) }} search={{ host: position }}>
          {t("hostPage.runNumber", { id: runId })}
        </Link>
      }
    >
      <p className={styles.line}>
        <strong>{execution.moduleName[language]}</strong>
        <ExecutionMark state={state} detail={endText(execution, t)} />
        {startedAt === undefined ? null : <span>{format.dateTime(startedAt)}</span>}
        {startedAt === undefined || finishedAt === undefined ? null : (
          <span>{format.took(finishedAt - startedAt)}</span>
        )}
        {isFinalExecutionState(state) ? null : <ConnectionMark connection={connection} />}
      </p>
      {reason === "" || execution.exitCode !== undefined ? null : (
        <p className={styles.reason}>
          <ReasonText text={reason} />
        </p>
      )}
      <div className={styles.answer}>
        <HostAnswer runId={runId} execution={execution} tail={tail} find={find} onFind={setFind} />
      </div>
    </Panel>
  );
}
