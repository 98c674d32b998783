import { useTranslation } from "react-i18next";
import { dangers } from "../../../src/contract/module.ts";
import { executionStates, runStates } from "../../../src/contract/states.ts";
import { DangerMark } from "../../components/danger-mark/danger-mark.tsx";
import { Panel } from "../../components/layout/panel.tsx";
import { ExecutionMark, RunMark } from "../../components/state/state-mark.tsx";
import { WaitsNotice } from "../../components/waits/waits-notice.tsx";
import styles from "./parts.module.css";
import { waits } from "./samples.ts";

/** States of hosts and runs, each by colour, shape and word; dangers; waiting. */
export function StateParts() {
  const { t } = useTranslation();
  return (
    <>
      <Panel title={t("parts.hostStates")}>
        <div className={styles.line}>
          {executionStates.map((state) => (
            <ExecutionMark key={state} state={state} detail={state === "failed" ? t("parts.exit") : undefined} />
          ))}
        </div>
      </Panel>
      <Panel title={t("parts.runStates")}>
        <div className={styles.line}>
          {runStates.map((state) => (
            <RunMark key={state} state={state} needsAttention={state === "partial"} />
          ))}
        </div>
      </Panel>
      <Panel title={t("parts.dangers")}>
        <div className={styles.line}>
          {dangers.map((danger) => (
            <DangerMark key={danger} danger={danger} />
          ))}
        </div>
        <WaitsNotice waits={waits} />
      </Panel>
    </>
  );
}
