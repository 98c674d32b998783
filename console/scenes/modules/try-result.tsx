import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { ExecutionMark } from "../../components/state/state-mark.tsx";
import { useLiveRun } from "../../live/use-live-run.ts";
import { endText } from "../run/end-text.ts";
import { HostAnswer } from "../run/host-answer.tsx";
import styles from "./module-try.module.css";

interface TryResultProps {
  /** A run on one host. */
  readonly runId: number;
}

/** The answer of the one host, as it comes. */
export function TryResult({ runId }: TryResultProps) {
  const { t } = useTranslation();
  const [find, setFind] = useState("");
  const { live } = useLiveRun(runId, 0);
  const execution = live.view.executions[0];
  return (
    <section className={styles.result} aria-label={t("moduleTry.answer")}>
      <header className={styles.resultHead}>
        <strong>{execution?.hostName}</strong>
        {execution === undefined ? null : <ExecutionMark state={execution.state} detail={endText(execution, t)} />}
        <Link className={styles.run} to="/runs/$id" params={{ id: String(runId) }} search={{ host: 0 }}>
          {t("hostPage.runNumber", { id: runId })}
        </Link>
      </header>
      {live.problem === undefined ? null : <ProblemAlert error={live.problem} />}
      {execution === undefined ? (
        <Loading rows={2} />
      ) : (
        <HostAnswer runId={runId} execution={execution} tail={live.tail} find={find} onFind={setFind} />
      )}
    </section>
  );
}
