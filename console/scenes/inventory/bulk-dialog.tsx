import { Button, Modal, NumberInput, Select, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallInput } from "../../../src/contract/http/client.ts";
import { client } from "../../api/client.ts";
import { ConfirmDialog } from "../../components/feedback/confirm-dialog.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellDone } from "../../components/feedback/toasts.tsx";
import fields from "../../components/layout/fields.module.css";
import form from "../../components/layout/form.module.css";
import { EngineChoice } from "./engine-choice.tsx";
import { ZoneField } from "./zone-field.tsx";

interface BulkDialogProps {
  readonly kind: "change" | "delete";
  readonly query: string;
  readonly count: number;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

type Change = CallInput<"POST /hosts/change">["body"]["change"];

/** Changes or deletes every host of a query; the server refuses when they are not as many as were shown. */
export function BulkDialog({ kind, query, count, onClose, onDone }: BulkDialogProps) {
  const { t } = useTranslation();
  const [change, setChange] = useState<Change>({});
  const done = (text: string) => {
    tellDone(text);
    onDone();
    onClose();
  };
  const remove = useMutation({
    mutationFn: () => client.call("POST /hosts/delete", { body: { query, expectedCount: count } }),
    onSuccess: ({ deleted }) => done(t("inventory.deleted", { count: deleted })),
  });
  const apply = useMutation({
    mutationFn: () => client.call("POST /hosts/change", { body: { query, expectedCount: count, change } }),
    onSuccess: ({ changed }) => done(t("inventory.changed", { count: changed })),
  });
  const categories = useQuery({
    queryKey: ["categories"],
    queryFn: ({ signal }) => client.call("GET /categories", { signal }),
  });
  const credentials = useQuery({
    queryKey: ["credentials"],
    queryFn: ({ signal }) => client.call("GET /credentials", { signal }),
  });
  if (kind === "delete") {
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
  const set = (part: Change) =>
    setChange((before) =>
      Object.fromEntries(Object.entries({ ...before, ...part }).filter(([, value]) => value !== undefined)),
    );
  const keep = t("inventory.keep");
  const optional = (value: string): string | undefined => (value === "" ? undefined : value);
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t("inventory.changeAll", { count })}
      closeButtonProps={{ "aria-label": t("confirm.close") }}
    >
      <form
        className={form.stack}
        onSubmit={(event) => {
          event.preventDefault();
          apply.mutate();
        }}
      >
        <p>{t("inventory.changeHint")}</p>
        <div className={fields.fields}>
          <Select
            label={t("inventory.category")}
            placeholder={keep}
            clearable
            searchable
            data={(categories.data?.functionCategories ?? []).map((category) => ({
              group: category.name,
              items: category.appCategories.map((app) => ({
                value: String(app.id),
                label: `${category.name}/${app.name}`,
              })),
            }))}
            onChange={(value) => set({ appCategoryId: value === null ? undefined : Number(value) })}
          />
          <EngineChoice
            value={change.engines ?? []}
            placeholder={keep}
            onChange={(engines) => set({ engines: engines.length === 0 ? undefined : engines })}
          />
          <Select
            label={t("inventory.credential")}
            placeholder={keep}
            clearable
            data={(credentials.data?.credentials ?? []).map(({ name }) => name)}
            onChange={(value) => set({ credential: value ?? undefined })}
          />
          <ZoneField
            value={change.zone ?? ""}
            placeholder={keep}
            onChange={(value) => set({ zone: optional(value) })}
          />
          <Select
            label={t("users.state")}
            placeholder={keep}
            clearable
            data={[
              { value: "true", label: t("inventory.enabled") },
              { value: "false", label: t("inventory.disabled") },
            ]}
            onChange={(value) => set({ enabled: value === null ? undefined : value === "true" })}
          />
          <TextInput
            label={t("inventory.os")}
            placeholder={keep}
            onChange={(event) => set({ os: optional(event.currentTarget.value) })}
          />
          <TextInput
            label={t("inventory.user")}
            placeholder={keep}
            onChange={(event) => set({ user: optional(event.currentTarget.value) })}
          />
          <NumberInput
            label={t("inventory.port")}
            placeholder={keep}
            min={1}
            max={65_535}
            onChange={(value) => set({ port: value === "" ? undefined : Number(value) })}
          />
          <TextInput
            label={t("inventory.proxyJump")}
            placeholder={keep}
            onChange={(event) => set({ proxyJump: optional(event.currentTarget.value) })}
          />
        </div>
        {apply.error ? <ProblemAlert error={apply.error} /> : null}
        <div className={form.foot}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.back")}
          </Button>
          <Button type="submit" loading={apply.isPending} disabled={Object.keys(change).length === 0}>
            {t("inventory.changeAll", { count })}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
