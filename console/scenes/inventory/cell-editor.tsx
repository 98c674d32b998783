import { Button, NumberInput, Popover, Select, TagsInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OmError } from "../../../src/contract/errors.ts";
import type { CallInput } from "../../../src/contract/http/client.ts";
import { client } from "../../api/client.ts";
import type { Host } from "../../api/types.ts";
import { usePlacedFaults } from "../../components/feedback/use-placed-faults.ts";
import form from "../../components/layout/form.module.css";
import { useTell } from "../../components/state/use-tell.ts";
import styles from "./cell-editor.module.css";
import { CredentialChoice } from "./credential-choice.tsx";
import { EngineChoice } from "./engine-choice.tsx";
import { replaceHost } from "./hosts-cache.ts";

/** Fields that a cell of the table edits. */
export const cellFields = [
  "name",
  "innerAddress",
  "outerAddress",
  "port",
  "os",
  "engines",
  "credential",
  "tags",
  "enabled",
] as const;
export type CellField = (typeof cellFields)[number];
type Change = CallInput<"PATCH /hosts/:id">["body"];

interface CellEditorProps {
  readonly host: Host;
  readonly field: CellField;
  readonly onClose: () => void;
}

/** One field of a host, over its cell: Enter saves, Esc leaves it as it was, and what the server refuses stands below. */
export function CellEditor({ host, field, onClose }: CellEditorProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Change>({ [field]: host[field] });
  const save = useMutation({
    mutationFn: () => client.call("PATCH /hosts/:id", { params: { id: host.id }, body: draft }),
    onSuccess: (saved) => {
      replaceHost(queries, saved);
      if (field === "enabled") void queries.invalidateQueries({ queryKey: ["match"] });
      onClose();
    },
  });
  const tell = useTell();
  const faults = usePlacedFaults(save.error);
  const error = save.error === null ? undefined : (faults[field] ?? tell(messageOf(save.error)));
  return (
    <Popover
      opened
      onDismiss={onClose}
      position="bottom-start"
      offset={-28}
      withRoles={false}
      trapFocus
      returnFocus={false}
      shadow="md"
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <span className={styles.anchor} />
      </Popover.Target>
      <Popover.Dropdown className={styles.editor} role="dialog" aria-label={t("grid.editOf", { name: host.name })}>
        <form
          className={form.stack}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            event.stopPropagation();
            onClose();
          }}
          onSubmit={(event) => {
            event.preventDefault();
            if (JSON.stringify(draft[field]) === JSON.stringify(host[field])) onClose();
            else save.mutate();
          }}
        >
          <CellInput field={field} draft={draft} onDraft={setDraft} error={error} />
          <div className={styles.foot}>
            <Button variant="default" size="compact-xs" onClick={onClose}>
              {t("confirm.back")}
            </Button>
            <Button type="submit" size="compact-xs" loading={save.isPending}>
              {t("grid.save")}
            </Button>
          </div>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

interface CellInputProps {
  readonly field: CellField;
  readonly draft: Change;
  readonly onDraft: (draft: Change) => void;
  readonly error: string | undefined;
}

function CellInput({ field, draft, onDraft, error }: CellInputProps) {
  const { t } = useTranslation();
  switch (field) {
    case "port":
      return (
        <NumberInput
          data-autofocus
          label={t("inventory.port")}
          min={1}
          max={65_535}
          clampBehavior="none"
          allowDecimal={false}
          value={draft.port ?? ""}
          onChange={(value) => onDraft({ port: Number(value) })}
          error={error}
        />
      );
    case "tags":
      return (
        <TagsInput
          data-autofocus
          label={t("inventory.tags")}
          value={[...(draft.tags ?? [])]}
          onChange={(tags) => onDraft({ tags })}
          splitChars={[",", " "]}
          error={error}
        />
      );
    case "engines":
      return (
        <EngineChoice
          autoFocus
          value={draft.engines ?? []}
          onChange={(engines) => onDraft({ engines })}
          error={error}
        />
      );
    case "credential":
      return (
        <CredentialChoice
          autoFocus
          value={draft.credential}
          onChange={(credential = "") => onDraft({ credential })}
          error={error}
        />
      );
    case "enabled":
      return (
        <Select
          data-autofocus
          label={t("users.state")}
          allowDeselect={false}
          data={[
            { value: "true", label: t("inventory.enabled") },
            { value: "false", label: t("inventory.disabled") },
          ]}
          value={String(draft.enabled)}
          onChange={(value) => onDraft({ enabled: value === "true" })}
          error={error}
        />
      );
    default:
      return (
        <TextInput
          data-autofocus
          label={t(`inventory.${field}`)}
          classNames={field === "os" ? {} : { input: form.mono }}
          value={draft[field] ?? ""}
          onChange={(event) => onDraft({ [field]: event.currentTarget.value })}
          error={error}
          autoComplete="off"
          spellCheck={false}
        />
      );
  }
}

function messageOf(error: unknown): string {
  return error instanceof OmError || error instanceof Error ? error.message : String(error);
}
