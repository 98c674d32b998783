import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Run } from "../../api/types.ts";
import { usePreferences } from "../../app/preferences.ts";
import { DangerMark } from "../../components/danger-mark/danger-mark.tsx";
import styles from "./run.module.css";
import { runTask } from "./run-task.ts";

interface WhatRunsProps {
  readonly run: Run;
}

/** What a run was told to do, for whoever decides whether it begins: the module with its parameters, the command, the script. */
export function WhatRuns({ run }: WhatRunsProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const task = useMemo(() => runTask(run), [run]);
  return (
    <dl className={styles.hostsOf}>
      <dt>{t("approval.what")}</dt>
      <dd>
        {run.moduleName[language]} <DangerMark danger={run.danger} />{" "}
        {task.script === undefined ? <code>{task.line}</code> : null}
        {task.script === undefined ? null : (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
          <pre className={styles.script} tabIndex={0}>
            {task.script.text}
          </pre>
        )}
      </dd>
    </dl>
  );
}
