import { VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Run } from "../../api/types.ts";
import { StateShape } from "../../components/state/state-mark.tsx";
import { executionStateOrder } from "../../components/state/state-texts.ts";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./history.module.css";

interface CountsBarProps {
  readonly run: Run;
}

/** Hosts of a run by state, in one line: what went wrong first. */
export function CountsBar({ run }: CountsBarProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <span className={styles.counts}>
      {executionStateOrder
        .filter((state) => (run.counts[state] ?? 0) > 0)
        .map((state) => (
          <span key={state} className={styles.count} title={t(`executionState.${state}`)}>
            <StateShape state={state} />
            <VisuallyHidden>{t(`executionState.${state}`)}</VisuallyHidden>
            {format.number(run.counts[state] ?? 0)}
          </span>
        ))}
    </span>
  );
}
