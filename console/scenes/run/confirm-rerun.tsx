import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { OmError } from "../../../src/contract/errors.ts";
import { client } from "../../api/client.ts";
import type { Execution, Run } from "../../api/types.ts";
import { usePreferences } from "../../app/preferences.ts";
import { ConfirmDialog } from "../../components/feedback/confirm-dialog.tsx";
import { HostsOf, namesIn } from "./hosts-of.tsx";
import { type RerunSelection, rerunCount, rerunStates } from "./rerun-selection.ts";
import styles from "./run.module.css";
import { WhatRuns } from "./what-runs.tsx";

interface ConfirmRerunProps {
  readonly run: Run;
  readonly executions: readonly (Execution | undefined)[];
  readonly selection: RerunSelection;
  readonly onClose: () => void;
  readonly onStarted: (run: Run) => void;
}

/** Asks before a run is repeated: on which hosts, and on which of them it may run twice by that. */
export function ConfirmRerun({ run, executions, selection, onClose, onStarted }: ConfirmRerunProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const settings = useQuery({
    queryKey: ["settings"],
    queryFn: ({ signal }) => client.call("GET /settings", { signal }),
  });
  const count = rerunCount(run, selection);
  const hosts = useMemo(() => namesIn(executions, rerunStates[selection]), [executions, selection]);
  const twice = useMemo(
    () => namesIn(executions, rerunStates[selection].includes("unknown") ? ["unknown"] : []),
    [executions, selection],
  );
  const rerun = useMutation({
    mutationFn: (confirmHostCount: number | undefined) =>
      client.call("POST /runs/:id/rerun", {
        params: { id: run.id },
        body: { selection, ...(confirmHostCount === undefined ? {} : { confirmHostCount }) },
      }),
    onSuccess: onStarted,
  });
  const refused = rerun.error instanceof OmError && rerun.error.code === "run.confirmation";
  const asksNumber = refused || run.danger === "destructive" || count > (settings.data?.confirmAboveHosts ?? count);
  return (
    <ConfirmDialog
      title={t("run.rerunTitle", { id: run.id })}
      text={t(run.moduleId === 0 ? "run.rerunTyped" : "run.rerunHint")}
      action={t("run.rerunAction", { module: run.moduleName[language], count })}
      danger={run.danger === "destructive" || (twice.length > 0 && run.danger !== "read")}
      typedCount={asksNumber ? count : undefined}
      typedBecause={run.danger === "destructive" ? "destructive" : "manyHosts"}
      isPending={rerun.isPending}
      error={rerun.error}
      onConfirm={() => rerun.mutate(asksNumber ? count : undefined)}
      onClose={onClose}
    >
      <WhatRuns run={run} />
      <HostsOf title={t("run.rerunOn")} names={hosts} />
      {twice.length === 0 ? null : (
        <div className={styles.twice}>
          <p>{t("run.rerunUnknownHint", { count: twice.length, module: run.moduleName[language] })}</p>
          <HostsOf title={t("run.mayRunTwice")} names={twice} />
        </div>
      )}
    </ConfirmDialog>
  );
}
