import { UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ExecutionState } from "../../../src/contract/states.ts";
import type { Run } from "../../api/types.ts";
import { StateShape } from "../../components/state/state-mark.tsx";
import { progressOrder } from "../../components/state/state-texts.ts";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./run.module.css";

interface RunCountsProps {
  readonly run: Run;
  readonly filter: ExecutionState | undefined;
  readonly onFilter: (state: ExecutionState | undefined) => void;
}

/** A bar of all hosts by state, and the states as buttons that show only their hosts. */
export function RunCounts({ run, filter, onFilter }: RunCountsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const states = progressOrder.filter((state) => (run.counts[state] ?? 0) > 0);
  return (
    <div className={styles.counts}>
      <div className={styles.bar} aria-hidden="true">
        {states.map((state) => (
          <span key={state} data-state={state} style={{ flexGrow: run.counts[state] ?? 0 }} />
        ))}
      </div>
      <ul className={styles.legend} aria-label={t("run.byState")}>
        {states.map((state) => (
          <li key={state}>
            <UnstyledButton
              className={styles.legendItem}
              aria-pressed={filter === state}
              onClick={() => onFilter(filter === state ? undefined : state)}
            >
              <StateShape state={state} />
              <span>{t(`executionState.${state}`)}</span>
              <strong>{format.number(run.counts[state] ?? 0)}</strong>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </div>
  );
}
