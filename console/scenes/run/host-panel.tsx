import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { isFinalExecutionState } from "../../../src/contract/states.ts";
import type { Execution } from "../../api/types.ts";
import { ReasonText } from "../../components/state/reason-text.tsx";
import { ExecutionMark } from "../../components/state/state-mark.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import type { Tail } from "../../live/tail.ts";
import { endText } from "./end-text.ts";
import { HostAnswer } from "./host-answer.tsx";
import styles from "./run.module.css";
import { useNow } from "./use-now.ts";

interface HostPanelProps {
  readonly runId: number;
  readonly execution: Execution;
  /** What it printed so far, while it runs. */
  readonly tail: Tail;
  /** What is looked for in its output. */
  readonly find: string;
  readonly onFind: (text: string) => void;
  readonly onClose: () => void;
}

/** One host of a run: state, times, and its own output, live while it runs. */
export function HostPanel({ runId, execution, tail, find, onFind, onClose }: HostPanelProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const final = isFinalExecutionState(execution.state);
  const now = useNow(!final);
  const { startedAt, finishedAt } = execution;
  return (
    <aside className={styles.host} aria-label={t("run.hostPanel", { host: execution.hostName })}>
      <header className={styles.hostHead}>
        <h2 className={styles.hostName}>
          <Link to="/inventory/hosts/$id" params={{ id: String(execution.hostId) }}>
            {execution.hostName}
          </Link>
        </h2>
        <ExecutionMark state={execution.state} detail={endText(execution, t)} />
        <span className={styles.spring} />
        <ActionIcon aria-label={t("run.closeHost")} onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </header>
      <dl className={styles.hostFacts}>
        <div>
          <dt>{t("run.address")}</dt>
          <dd>
            <code>{execution.address}</code> · {execution.engine}
          </dd>
        </div>
        {startedAt === undefined ? null : (
          <>
            <div>
              <dt>{t("run.started")}</dt>
              <dd>{format.dateTime(startedAt)}</dd>
            </div>
            <div>
              <dt>{t("run.took")}</dt>
              <dd>{format.took((finishedAt ?? now) - startedAt)}</dd>
            </div>
          </>
        )}
      </dl>
      {execution.reason === "" || execution.exitCode !== undefined ? null : (
        <p className={styles.groupReason}>
          <ReasonText text={execution.reason} />
        </p>
      )}
      <HostAnswer runId={runId} execution={execution} tail={tail} find={find} onFind={onFind} />
    </aside>
  );
}
