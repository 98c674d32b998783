import { Button } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import styles from "./first-run.module.css";

interface StepProps {
  readonly number: number;
  readonly title: string;
  readonly state: "done" | "current" | "ahead";
  /** What was settled here, when it is done. */
  readonly summary: string;
  readonly onReopen: (() => void) | undefined;
  readonly children: ReactNode;
}

/** One step of the set-up: open while it is its turn, one line before and after. */
export function Step({ number, title, state, summary, onReopen, children }: StepProps) {
  const { t } = useTranslation();
  return (
    <li className={styles.step} data-step={state} aria-current={state === "current" ? "step" : undefined}>
      <header className={styles.stepHead}>
        <span className={styles.number} aria-hidden="true">
          {state === "done" ? <IconCheck size={14} /> : number}
        </span>
        <h2>{title}</h2>
        {state === "done" ? <code className={styles.summary}>{summary}</code> : null}
        {state === "done" && onReopen !== undefined ? (
          <Button
            variant="subtle"
            size="compact-xs"
            aria-label={t("firstRun.changeStep", { step: title })}
            onClick={onReopen}
          >
            {t("firstRun.change")}
          </Button>
        ) : null}
      </header>
      {state === "current" ? <div className={styles.stepBody}>{children}</div> : null}
    </li>
  );
}
