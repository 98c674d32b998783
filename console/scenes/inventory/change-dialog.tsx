import { Button, Modal } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { usePlacedFaults } from "../../components/feedback/use-placed-faults.ts";
import { useShownFault } from "../../components/feedback/use-shown-fault.ts";
import form from "../../components/layout/form.module.css";
import { usePhone } from "../../components/layout/use-phone.ts";
import type { BulkTask, HostsChange } from "./bulk-task.ts";
import { CategoryChoice } from "./category-choice.tsx";
import { ChangeFields } from "./change-fields.tsx";
import { HostsChangeView } from "./hosts-change.tsx";

interface ChangeDialogProps {
  readonly task: BulkTask;
  readonly onClose: () => void;
  readonly onChanged: (changed: number) => void;
}

/** First what is to change, then what that does to which hosts, and only then the change itself. */
export function ChangeDialog({ task, onClose, onChanged }: ChangeDialogProps) {
  const { t } = useTranslation();
  const phone = usePhone();
  const { query, count, appCategoryId } = task;
  const isMove = task.kind === "move";
  const [change, setChange] = useState<HostsChange>(appCategoryId === undefined ? {} : { appCategoryId });
  const [looked, setLooked] = useState(isMove);
  const isNothing = Object.keys(change).length === 0;
  const body = { query, expectedCount: count, change };
  const preview = useQuery({
    queryKey: ["hosts-change", body],
    queryFn: ({ signal }) => client.call("POST /hosts/change", { body: { ...body, preview: true }, signal }),
    enabled: looked && !isNothing,
    gcTime: 0,
    staleTime: 0,
  });
  const apply = useMutation({
    mutationFn: () => client.call("POST /hosts/change", { body }),
    onSuccess: ({ changed }) => onChanged(changed),
  });
  const report = looked ? preview.data : undefined;
  const error = apply.error ?? (looked ? preview.error : null);
  const faults = usePlacedFaults(error);
  const shown = useShownFault(error);
  const isPlaced = Object.keys(faults).some(
    (field) => field === "addTags" || field === "removeTags" || field in change,
  );
  const title = t(isMove ? "bulk.move" : "inventory.changeAll", { count });
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      fullScreen={phone && !isMove}
      title={title}
      closeButtonProps={{ "aria-label": t("confirm.close") }}
    >
      <form
        ref={shown}
        className={form.stack}
        onSubmit={(event) => {
          event.preventDefault();
          if (report === undefined) setLooked(!isNothing);
          else if (report.changed > 0) apply.mutate();
        }}
      >
        {isMove ? (
          <CategoryChoice
            autoFocus={appCategoryId === undefined}
            required
            value={change.appCategoryId}
            placeholder={t("inventory.chooseCategory")}
            onChange={(id) => setChange(id === undefined ? {} : { appCategoryId: id })}
            error={faults.appCategoryId}
          />
        ) : (
          <ChangeFields
            change={change}
            faults={faults}
            onChange={(next) => {
              setChange(next);
              setLooked(false);
              apply.reset();
            }}
          />
        )}
        {error && !isPlaced ? <ProblemAlert error={error} /> : null}
        {looked && preview.isFetching && report === undefined ? <Loading rows={2} /> : null}
        {report === undefined ? null : <HostsChangeView report={report} />}
        <div className={form.foot}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.back")}
          </Button>
          {report === undefined ? (
            <Button
              type="submit"
              data-autofocus={appCategoryId !== undefined || undefined}
              loading={looked && preview.isFetching}
              // A tag that is still being typed counts once the field is left, which pressing this does.
              disabled={isMove && isNothing}
            >
              {t("bulk.preview")}
            </Button>
          ) : (
            <Button
              type="submit"
              data-autofocus={appCategoryId !== undefined || undefined}
              loading={apply.isPending}
              disabled={report.changed === 0 || preview.isFetching}
            >
              {t(isMove ? "bulk.move" : "inventory.changeAll", { count: report.changed })}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}
