import { Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { OmError } from "../../../src/contract/errors.ts";
import { client } from "../../api/client.ts";
import type { Execution, Run } from "../../api/types.ts";
import { usePreferences } from "../../app/preferences.ts";
import { ConfirmDialog } from "../../components/feedback/confirm-dialog.tsx";
import { HostsOf, namesIn } from "./hosts-of.tsx";
import { WhatRuns } from "./what-runs.tsx";

interface ConfirmDecisionProps {
  readonly run: Run;
  /** Hosts that take part. */
  readonly count: number;
  readonly executions: readonly (Execution | undefined)[];
  readonly decision: "approve" | "reject";
  readonly onClose: () => void;
}

/** The second person's answer, with a comment; to approve, where danger or number ask for it, the number is typed. */
export function ConfirmDecision({ run, count, executions, decision, onClose }: ConfirmDecisionProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const queries = useQueryClient();
  const [comment, setComment] = useState("");
  const settings = useQuery({
    queryKey: ["settings"],
    queryFn: ({ signal }) => client.call("GET /settings", { signal }),
  });
  const hosts = useMemo(() => namesIn(executions, ["pending"]), [executions]);
  const params = { id: run.id };
  const answer = useMutation({
    mutationFn: (confirmHostCount: number | undefined) =>
      decision === "reject"
        ? client.call("POST /runs/:id/reject", { params, body: { comment } })
        : client.call("POST /runs/:id/approve", {
            params,
            body: { comment, ...(confirmHostCount === undefined ? {} : { confirmHostCount }) },
          }),
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ queryKey: ["runs"] }),
  });
  const refused = answer.error instanceof OmError && answer.error.code === "run.confirmation";
  const many = run.danger === "destructive" || count > (settings.data?.confirmAboveHosts ?? count);
  const typedCount = decision === "approve" && (refused || many) ? count : undefined;
  const module = run.moduleName[language];
  return (
    <ConfirmDialog
      title={t(`approval.${decision}Title`, { id: run.id, module })}
      text={decision === "reject" ? t("approval.rejectHint") : t("approval.askedBy", { user: run.requestedBy })}
      action={t(decision === "reject" ? "approval.rejectOn" : "approval.approve", { module, count })}
      danger={decision === "reject" || run.danger === "destructive"}
      typedCount={typedCount}
      typedBecause={run.danger === "destructive" ? "destructive" : "manyHosts"}
      isPending={answer.isPending}
      error={answer.error}
      onConfirm={() => answer.mutate(typedCount)}
      onClose={onClose}
    >
      <WhatRuns run={run} />
      <HostsOf title={t("approval.on")} names={hosts} />
      <Textarea
        label={t("approval.comment")}
        description={t("approval.commentHint")}
        maxLength={500}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
    </ConfirmDialog>
  );
}
