import { Button, Modal, PasswordInput, Select, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type CredentialKind, credentialKinds } from "../../../src/contract/credential.ts";
import { client } from "../../api/client.ts";
import type { Credential } from "../../api/types.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { usePlacedFaults } from "../../components/feedback/use-placed-faults.ts";
import { useShownFault } from "../../components/feedback/use-shown-fault.ts";
import fields from "../../components/layout/fields.module.css";
import form from "../../components/layout/form.module.css";
import { credentialSecret, hintedFields, type SecretDraft, secretFields } from "./credential-secret.ts";
import { ZonesField } from "./zones-field.tsx";

interface CredentialDialogProps {
  /** Replaced by a new secret under its name; undefined for a new one. */
  readonly credential: Credential | undefined;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

export function CredentialDialog({ credential, onClose, onSaved }: CredentialDialogProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(credential?.name ?? "");
  const [description, setDescription] = useState(credential?.description ?? "");
  const [kind, setKind] = useState<CredentialKind>(credential?.kind ?? "key");
  const [zones, setZones] = useState<readonly string[]>(credential?.zones ?? []);
  const [draft, setDraft] = useState<SecretDraft>({ user: credential?.user ?? "" });
  const secret = credentialSecret(kind, draft);
  const save = useMutation({
    mutationFn: async () => {
      if (secret === undefined) return;
      await client.call("PUT /credentials", { body: { name, description, zones: [...zones], secret } });
    },
    onSuccess: () => {
      onSaved();
      onClose();
    },
  });
  const faults = usePlacedFaults(save.error);
  const shown = useShownFault(save.error);
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={credential === undefined ? t("credentials.add") : t("credentials.replaceNamed", { name: credential.name })}
      closeButtonProps={{ "aria-label": t("confirm.close") }}
    >
      <form
        ref={shown}
        className={form.stack}
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        {save.error ? <ProblemAlert error={save.error} /> : null}
        <div className={fields.fields}>
          <TextInput
            label={t("inventory.name")}
            required
            disabled={credential !== undefined}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={faults.name}
          />
          <Select
            label={t("credentials.kind")}
            data={credentialKinds.map((value) => ({ value, label: t(`credentials.kinds.${value}`) }))}
            value={kind}
            onChange={(value) => setKind(credentialKinds.find((known) => known === value) ?? kind)}
            allowDeselect={false}
          />
        </div>
        <TextInput
          label={t("modules.description")}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <ZonesField value={zones} onChange={setZones} error={faults.zones} />
        {secretFields[kind].map(({ name: field, shape, required }) => {
          const hinted = hintedFields.find((one) => one === field);
          const common = {
            label: t(`credentials.field.${field}`),
            description: hinted === undefined ? undefined : t(`credentials.hint.${hinted}`),
            required,
            value: draft[field] ?? "",
            error: faults[field],
            onChange: (event: { currentTarget: { value: string } }) => {
              const { value } = event.currentTarget;
              setDraft((before) => ({ ...before, [field]: value }));
            },
          };
          if (shape === "text") return <TextInput key={field} classNames={{ input: form.mono }} {...common} />;
          if (shape === "secret") return <PasswordInput key={field} autoComplete="new-password" {...common} />;
          return <Textarea key={field} rows={6} spellCheck={false} classNames={{ input: form.mono }} {...common} />;
        })}
        <div className={form.foot}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.back")}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={name.trim() === "" || secret === undefined}>
            {t("inventory.saveNamed", { name })}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
