import { VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ExecutionState, RunState } from "../../../src/contract/states.ts";
import styles from "./state-mark.module.css";
import { type ShapedState, stateShapes } from "./state-shapes.ts";
import { runStateLook } from "./state-texts.ts";

interface StateShapeProps {
  readonly state: ShapedState;
}

/** The shape of a state: the same in grid, legend and text, so that nothing hangs on colour. Decorative by itself. */
export function StateShape({ state }: StateShapeProps) {
  return (
    <svg className="om-shape" data-state={state} viewBox="0 0 10 10" aria-hidden="true">
      <path d={stateShapes[state]} />
    </svg>
  );
}

interface ExecutionMarkProps {
  readonly state: ExecutionState;
  /** `exit 3`, `SIGKILL` … */
  readonly detail?: string | undefined;
}

export function ExecutionMark({ state, detail }: ExecutionMarkProps) {
  const { t } = useTranslation();
  return (
    <span className={styles.mark} data-state={state}>
      <StateShape state={state} />
      {t(`executionState.${state}`)}
      {detail === undefined ? null : <span className={styles.detail}>{detail}</span>}
    </span>
  );
}

interface RunMarkProps {
  readonly state: RunState;
  readonly needsAttention?: boolean;
  /** There is little room: that it needs attention shows as a shape, and is said where the pointer is and to readers. */
  readonly compact?: boolean;
}

export function RunMark({ state, needsAttention = false, compact = false }: RunMarkProps) {
  const { t } = useTranslation();
  return (
    <span className={styles.mark} data-state={runStateLook[state]}>
      <StateShape state={runStateLook[state]} />
      {t(`runState.${state}`)}
      {needsAttention ? (
        <span className={styles.attention} data-state="unknown" title={compact ? t("run.needsAttention") : undefined}>
          <StateShape state="unknown" />
          {compact ? <VisuallyHidden>{t("run.needsAttention")}</VisuallyHidden> : t("run.needsAttention")}
        </span>
      ) : null}
    </span>
  );
}
