import { Button, Modal, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { Host } from "../../api/types.ts";
import { copyText } from "../../components/feedback/copy-text.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellDone } from "../../components/feedback/toasts.tsx";
import form from "../../components/layout/form.module.css";

interface ReportDialogProps {
  readonly host: Host;
  readonly onClose: () => void;
}

/** Gives the script with which a host reports what is typed in its shells, or ends it. */
export function ReportDialog({ host, onClose }: ReportDialogProps) {
  const { t } = useTranslation();
  const params = { id: host.id };
  const make = useMutation({ mutationFn: () => client.call("POST /hosts/:id/report-token", { params }) });
  const stop = useMutation({
    mutationFn: () => client.call("DELETE /hosts/:id/report-token", { params }),
    onSuccess: () => {
      tellDone(t("shell.stopped", { name: host.name }));
      onClose();
    },
  });
  const made = make.data;
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t("shell.report")}
      closeButtonProps={{ "aria-label": t("confirm.close") }}
    >
      <div className={form.stack}>
        <p>{t("shell.reportHint")}</p>
        {make.error ? <ProblemAlert error={make.error} /> : null}
        {stop.error ? <ProblemAlert error={stop.error} /> : null}
        {made === undefined ? null : (
          <>
            <p>
              {t("shell.reportPath")} <code>{made.path}</code>
            </p>
            <Textarea
              aria-label={t("shell.report")}
              classNames={{ input: form.mono }}
              rows={14}
              readOnly
              value={made.script}
            />
          </>
        )}
        <div className={form.foot}>
          <Button variant="default" loading={stop.isPending} onClick={() => stop.mutate()}>
            {t("shell.stop")}
          </Button>
          {made === undefined ? (
            <Button loading={make.isPending} onClick={() => make.mutate()}>
              {t("shell.make", { name: host.name })}
            </Button>
          ) : (
            <Button onClick={() => void copyText(made.script, t("shell.copied"))}>{t("shell.copy")}</Button>
          )}
        </div>
      </div>
    </Modal>
  );
}
