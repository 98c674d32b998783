import { Button } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Execution, Run } from "../../api/types.ts";
import { usePreferences } from "../../app/preferences.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useAskedRun, useWaitsForMe } from "./asked-run.ts";
import { ConfirmDecision } from "./confirm-decision.tsx";
import styles from "./run.module.css";

interface RunApprovalProps {
  readonly run: Run;
  readonly executions: readonly (Execution | undefined)[];
}

const shownNames = 10;

/** Of a run that waits for a second person: that it does, until when, and for whoever may be that person, their two answers. */
export function RunApproval({ run, executions }: RunApprovalProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { language } = usePreferences();
  const mine = useWaitsForMe(run);
  const approvers = useAskedRun(run)?.approvers;
  const [asked, setAsked] = useState<"approve" | "reject" | undefined>(undefined);
  if (run.state !== "awaiting_approval" || run.approval === undefined) return null;
  const count = run.hostCount - (run.counts.skipped ?? 0);
  const close = () => setAsked(undefined);

  function approversText(names: readonly string[]): string {
    if (names.length === 0) return t("approval.noApprover");
    const listed = names.slice(0, shownNames).join(", ");
    return t("approval.approvers", { names: names.length > shownNames ? `${listed} …` : listed });
  }

  return (
    <section className={styles.approval} aria-label={t("approval.waiting")}>
      <div>
        <p>{mine ? t("approval.waitsForYou", { user: run.requestedBy }) : t("run.waits.awaiting_approval")}</p>
        {approvers === undefined ? null : <p>{approversText(approvers)}</p>}
        <p>{t("approval.until", { at: format.dateTime(run.approval.until) })}</p>
      </div>
      {mine ? (
        <div className={styles.decisions}>
          <Button
            color={run.danger === "destructive" ? "red" : "accent"}
            leftSection={<IconCheck size={14} />}
            onClick={() => setAsked("approve")}
          >
            {t("approval.approve", { module: run.moduleName[language], count })}
          </Button>
          <Button variant="default" leftSection={<IconX size={14} />} onClick={() => setAsked("reject")}>
            {t("approval.reject")}
          </Button>
        </div>
      ) : null}
      {asked === undefined ? null : (
        <ConfirmDecision run={run} count={count} executions={executions} decision={asked} onClose={close} />
      )}
    </section>
  );
}
