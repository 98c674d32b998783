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
  const ended = isFinalRunState(run.state);
  const running = ended ? [] : hosts.filter(({ state }) => state === "running");
  if (running.length > 0) {
    return (
      <div className={styles.waiting}>
        <p>{t("run.notYet", { count: hosts.length })}</p>
        <HostLinks
          names={running.map(({ hostName }) => hostName)}
          positions={running.map(({ position }) => position)}
          onHost={onHost}
        />
      </div>
    );
  }
  if (ended || hosts.length === 0) {
    return <p className={styles.waiting}>{t(ended || filtered ? "run.noAnswers" : "run.waiting")}</p>;
  }
  return <p className={styles.waiting}>{t("run.notBegun", { count: hosts.length })}</p>;
}
