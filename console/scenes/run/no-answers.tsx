import { useTranslation } from "react-i18next";
import { isFinalRunState } from "../../../src/contract/states.ts";
import type { Execution, Run } from "../../api/types.ts";
import { HostLinks } from "./host-links.tsx";
import styles from "./run.module.css";

interface NoAnswersProps {
  readonly run: Run;
  /** Those that are looked at; none of them has ended. */
  readonly hosts: readonly Execution[];
  readonly filtered: boolean;
  readonly onHost: (position: number) => void;
}

/** Says why there is no answer to show; of hosts that run it leads to what they print meanwhile. */
export function NoAnswers({ run, hosts, filtered, onHost }: NoAnswersProps) {
  const { t } = useTranslation();
  if (!filtered || isFinalRunState(run.state) || hosts.length === 0) {
    return (
      <p className={styles.waiting}>{t(isFinalRunState(run.state) || filtered ? "run.noAnswers" : "run.waiting")}</p>
    );
  }
  const running = hosts.filter(({ state }) => state === "running");
  return (
    <div className={styles.waiting}>
      {running.length === 0 ? (
        <p>{t("run.notBegun", { count: hosts.length })}</p>
      ) : (
        <>
          <p>{t("run.notYet", { count: running.length })}</p>
          <HostLinks
            names={running.map(({ hostName }) => hostName)}
            positions={running.map(({ position }) => position)}
            onHost={onHost}
          />
        </>
      )}
    </div>
  );
}
