import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { ConfirmDialog } from "../../components/feedback/confirm-dialog.tsx";
import { tellDone } from "../../components/feedback/toasts.tsx";
import type { BulkTask } from "./bulk-task.ts";
import { ChangeDialog } from "./change-dialog.tsx";

interface BulkDialogProps {
  readonly task: BulkTask;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Changes, moves or deletes every host of a query; the server refuses when they are not as many as were shown. */
export function BulkDialog({ task, onClose, onDone }: BulkDialogProps) {
  const { t } = useTranslation();
  const { query, count } = task;
  const done = (text: string) => {
    tellDone(text);
    onDone();
    onClose();
  };
  const remove = useMutation({
    mutationFn: () => client.call("POST /hosts/delete", { body: { query, expectedCount: count } }),
    onSuccess: ({ deleted }) => done(t("inventory.deleted", { count: deleted })),
  });
  if (task.kind !== "delete") {
    return (
      <ChangeDialog
        task={task}
        onClose={onClose}
        onChanged={(changed) => done(t(task.kind === "move" ? "bulk.moved" : "inventory.changed", { count: changed }))}
      />
    );
  }
  return (
    <ConfirmDialog
      title={t("inventory.deleteAll", { count })}
      text={t("inventory.deleteHint")}
      action={t("inventory.deleteAll", { count })}
      danger
      typedCount={count > 1 ? count : undefined}
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}
