import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { AppCategory, FunctionCategory } from "../../api/types.ts";
import { ConfirmDialog } from "../../components/feedback/confirm-dialog.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { usePlacedFaults } from "../../components/feedback/use-placed-faults.ts";
import { useShownFault } from "../../components/feedback/use-shown-fault.ts";
import form from "../../components/layout/form.module.css";
import { renewHosts } from "./hosts-cache.ts";
import { ZoneField } from "./zone-field.tsx";

export type CategoryTask =
  | { readonly kind: "addFunction" }
  | { readonly kind: "changeFunction" | "deleteFunction" | "addApp"; readonly category: FunctionCategory }
  | { readonly kind: "changeApp" | "deleteApp"; readonly category: FunctionCategory; readonly app: AppCategory }
  | MoveTask;

/** An application category goes to another function category; `into` is where it was dropped. */
export interface MoveTask {
  readonly kind: "moveApp";
  readonly category: FunctionCategory;
  readonly app: AppCategory;
  readonly into?: FunctionCategory | undefined;
}

interface CategoryDialogProps {
  readonly task: Exclude<CategoryTask, MoveTask>;
  readonly onClose: () => void;
}

/** Adds, renames or deletes a category; moving one tells more before (see `MoveCategory`). */
export function CategoryDialog({ task, onClose }: CategoryDialogProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const firstName =
    task.kind === "changeFunction" ? task.category.name : task.kind === "changeApp" ? task.app.name : "";
  const [name, setName] = useState(firstName);
  const [zone, setZone] = useState(firstZone(task));
  const save = useMutation({
    mutationFn: async () => {
      await carryOut(task, { name: name.trim(), zone: zone.trim() });
    },
    onSuccess: async () => {
      onClose();
      await renewHosts(queries);
    },
  });
  const faults = usePlacedFaults(save.error);
  const shown = useShownFault(save.error);
  if (task.kind === "deleteFunction" || task.kind === "deleteApp") {
    const deleted = task.kind === "deleteApp" ? task.app.name : task.category.name;
    return (
      <ConfirmDialog
        title={t("inventory.deleteCategory")}
        text={t("inventory.deleteCategoryHint")}
        action={t("inventory.deleteNamed", { name: deleted })}
        danger
        isPending={save.isPending}
        error={save.error}
        onConfirm={() => save.mutate()}
        onClose={onClose}
      />
    );
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(`inventory.task.${task.kind}`)}
      closeButtonProps={{ "aria-label": t("confirm.close") }}
    >
      <form
        ref={shown}
        className={form.stack}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextInput
          data-autofocus
          label={t("inventory.name")}
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={faults.name}
        />
        <ZoneField value={zone} onChange={setZone} error={faults.zone} />
        {save.error && faults.name === undefined && faults.zone === undefined ? (
          <ProblemAlert error={save.error} />
        ) : null}
        <div className={form.foot}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.back")}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={name.trim() === ""}>
            {t("inventory.saveNamed", { name: name.trim() })}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function firstZone(task: CategoryDialogProps["task"]): string {
  if (task.kind === "changeFunction") return task.category.zone;
  return task.kind === "changeApp" ? task.app.zone : "";
}

async function carryOut(
  task: CategoryDialogProps["task"],
  fields: { readonly name: string; readonly zone: string },
): Promise<void> {
  switch (task.kind) {
    case "addFunction":
      await client.call("POST /function-categories", { body: fields });
      return;
    case "changeFunction":
      return client.call("PATCH /function-categories/:id", { params: { id: task.category.id }, body: fields });
    case "deleteFunction":
      return client.call("DELETE /function-categories/:id", { params: { id: task.category.id } });
    case "addApp":
      await client.call("POST /app-categories", { body: { ...fields, functionCategoryId: task.category.id } });
      return;
    case "changeApp":
      return client.call("PATCH /app-categories/:id", { params: { id: task.app.id }, body: fields });
    case "deleteApp":
      return client.call("DELETE /app-categories/:id", { params: { id: task.app.id } });
  }
}
