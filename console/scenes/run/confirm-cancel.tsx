import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { Run } from "../../api/types.ts";
import { usePreferences } from "../../app/preferences.ts";
import { ConfirmDialog } from "../../components/feedback/confirm-dialog.tsx";
import { endedHosts } from "./expectation.ts";

interface ConfirmCancelProps {
  readonly run: Run;
  readonly onClose: () => void;
}

export function ConfirmCancel({ run, onClose }: ConfirmCancelProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const cancel = useMutation({
    mutationFn: () => client.call("POST /runs/:id/cancel", { params: { id: run.id } }),
    onSuccess: onClose,
  });
  return (
    <ConfirmDialog
      title={t("run.cancelTitle", { id: run.id, module: run.moduleName[language] })}
      text={t("run.cancelHint")}
      action={t("run.cancelOn", { count: run.hostCount - endedHosts(run) })}
      back={t(run.state === "awaiting_approval" ? "approval.keepWaiting" : "run.keepRunning")}
      danger
      isPending={cancel.isPending}
      error={cancel.error}
      onConfirm={() => cancel.mutate()}
      onClose={onClose}
    />
  );
}
