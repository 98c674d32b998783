import { useTranslation } from "react-i18next";
import type { RunState } from "../../../src/contract/states.ts";
import type { Execution, Run } from "../../api/types.ts";
import { ReasonText } from "../../components/state/reason-text.tsx";
import { RunMark } from "../../components/state/state-mark.tsx";
import type { Connection } from "../../live/run-stream.ts";
import { useAskedRun } from "./asked-run.ts";
import { ConnectionMark } from "./connection-mark.tsx";
import styles from "./run.module.css";
import { RunActions } from "./run-actions.tsx";

interface RunHeadProps {
  readonly run: Run;
  readonly connection: Connection;
  readonly executions: readonly (Execution | undefined)[];
  readonly onStarted: (run: Run) => void;
}

/** What waits for a second person says so by itself, see run-approval.tsx. */
const waitingStates = ["queued", "paused"] as const satisfies readonly RunState[];

/** State, whether it is live, what can be done; why it waits, when it waits. */
export function RunHead({ run, connection, executions, onStarted }: RunHeadProps) {
  const { t } = useTranslation();
  const asked = useAskedRun(run);
  // For whom it waits, where that is known, is said by run-waits.tsx; until it is known nothing is, so that nothing jumps.
  const isSaid = run.state === "queued" && (asked === undefined || (asked.waitsFor ?? []).length > 0);
  const waits = isSaid ? undefined : waitingStates.find((state) => state === run.state);
  const reason = run.reason === "" && waits !== undefined ? t(`run.waits.${waits}`) : run.reason;
  return (
    <>
      <div className={styles.viewHead}>
        <span className={styles.state}>
          <RunMark state={run.state} needsAttention={run.needsAttention} />
        </span>
        {run.check ? <span className={styles.badge}>{t("run.dryRun")}</span> : null}
        <ConnectionMark connection={connection} />
        <span className={styles.spring} />
        <RunActions run={run} executions={executions} onStarted={onStarted} />
      </div>
      {reason === "" ? null : (
        <p className={styles.reason}>
          <ReasonText text={reason} />
        </p>
      )}
    </>
  );
}
