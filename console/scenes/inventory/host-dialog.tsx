import { Button, Modal, Select, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { Host } from "../../api/types.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellDone } from "../../components/feedback/toasts.tsx";
import { usePlacedFaults } from "../../components/feedback/use-placed-faults.ts";
import { useShownFault } from "../../components/feedback/use-shown-fault.ts";
import { BoundedNumber } from "../../components/layout/bounded-number.tsx";
import fields from "../../components/layout/fields.module.css";
import form from "../../components/layout/form.module.css";
import { usePhone } from "../../components/layout/use-phone.ts";
import { CategoryChoice } from "./category-choice.tsx";
import { EngineChoice } from "./engine-choice.tsx";
import { ZoneField } from "./zone-field.tsx";

interface HostDialogProps {
  /** Undefined for a new one. */
  readonly host: Host | undefined;
  readonly onClose: () => void;
  readonly onSaved: (host: Host) => void;
}

type HostFields = Omit<Host, "id" | "createdAt" | "updatedAt" | "appCategoryId"> & {
  readonly appCategoryId: number | undefined;
};

const newHost: HostFields = {
  name: "",
  appCategoryId: undefined,
  outerAddress: "",
  innerAddress: "",
  port: 22,
  os: "",
  engines: ["ssh"],
  user: "",
  credential: "",
  proxyJump: "",
  tags: [],
  enabled: true,
  note: "",
  zone: "",
  claim: true,
};

/** Every field of a host, also its category: changing it moves the host. */
export function HostDialog({ host, onClose, onSaved }: HostDialogProps) {
  const { t } = useTranslation();
  const phone = usePhone();
  const [draft, setDraft] = useState<HostFields>(host ?? newHost);
  const credentials = useQuery({
    queryKey: ["credentials"],
    queryFn: ({ signal }) => client.call("GET /credentials", { signal }),
  });
  const save = useMutation({
    mutationFn: () => {
      const {
        name,
        outerAddress,
        innerAddress,
        port,
        os,
        engines,
        user,
        credential,
        proxyJump,
        tags,
        enabled,
        note,
        zone,
        claim,
      } = draft;
      const fields = {
        name,
        outerAddress,
        innerAddress,
        port,
        os,
        user,
        credential,
        proxyJump,
        enabled,
        note,
        zone,
        claim,
      };
      const body = { ...fields, engines: [...engines], tags: [...tags], appCategoryId: draft.appCategoryId ?? 0 };
      return host === undefined
        ? client.call("POST /hosts", { body })
        : client.call("PATCH /hosts/:id", { params: { id: host.id }, body });
    },
    onSuccess: (saved) => {
      if (host === undefined) tellDone(t("inventory.added", { name: saved.name }));
      onSaved(saved);
      onClose();
    },
  });
  const faults = usePlacedFaults(save.error);
  const shown = useShownFault(save.error);
  const placed = Object.keys(faults).some((name) => name in newHost);
  const set = <Name extends keyof HostFields>(name: Name, value: HostFields[Name]) =>
    setDraft((before) => ({ ...before, [name]: value }));
  const text = (name: "name" | "outerAddress" | "innerAddress" | "os" | "user" | "proxyJump") => ({
    label: t(`inventory.${name}`),
    value: draft[name],
    onChange: (event: { currentTarget: { value: string } }) => set(name, event.currentTarget.value),
    error: faults[name],
    autoComplete: "off",
    spellCheck: false,
  });
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      fullScreen={phone}
      title={host === undefined ? t("inventory.add") : t("inventory.editNamed", { name: host.name })}
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
        {save.error && !placed ? <ProblemAlert error={save.error} /> : null}
        <div className={fields.fields}>
          <TextInput data-autofocus required classNames={{ input: form.mono }} {...text("name")} />
          <CategoryChoice
            required
            placeholder={t("inventory.chooseCategory")}
            value={draft.appCategoryId}
            onChange={(id) => set("appCategoryId", id)}
            error={faults.appCategoryId}
          />
        </div>
        <div className={fields.fields}>
          <TextInput classNames={{ input: form.mono }} {...text("innerAddress")} />
          <TextInput classNames={{ input: form.mono }} {...text("outerAddress")} />
          <BoundedNumber
            label={t("inventory.port")}
            min={1}
            max={65_535}
            whole
            value={draft.port}
            onChange={(value) => set("port", value)}
            error={faults.port}
          />
          <TextInput {...text("os")} />
        </div>
        <div className={fields.fields}>
          <EngineChoice
            value={draft.engines}
            onChange={(value) => set("engines", value)}
            error={faults.engines}
            required
          />
          <Select
            label={t("inventory.credential")}
            description={t("inventory.credentialHint")}
            clearable
            placeholder={t("inventory.byDefault")}
            data={(credentials.data?.credentials ?? []).map(({ name }) => name)}
            value={draft.credential === "" ? null : draft.credential}
            onChange={(value) => set("credential", value ?? "")}
            error={faults.credential}
          />
          <TextInput classNames={{ input: form.mono }} {...text("user")} description={t("inventory.userHint")} />
          <TextInput
            classNames={{ input: form.mono }}
            {...text("proxyJump")}
            description={t("inventory.proxyJumpHint")}
            placeholder="ops@bastion.example.com:22"
          />
          <TagsInput
            label={t("inventory.tags")}
            value={[...draft.tags]}
            onChange={(value) => set("tags", value)}
            splitChars={[",", " "]}
            error={faults.tags}
          />
          <ZoneField value={draft.zone} onChange={(value) => set("zone", value)} error={faults.zone} />
        </div>
        <Textarea
          label={t("inventory.note")}
          autosize
          minRows={1}
          value={draft.note}
          onChange={(event) => set("note", event.currentTarget.value)}
          error={faults.note}
        />
        <Switch
          label={t("inventory.takesPart")}
          checked={draft.enabled}
          onChange={(event) => set("enabled", event.currentTarget.checked)}
        />
        <Switch
          label={t("claims.claim")}
          description={t(draft.claim ? "claims.on" : "claims.off")}
          checked={draft.claim}
          onChange={(event) => set("claim", event.currentTarget.checked)}
        />
        <div className={form.foot}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.back")}
          </Button>
          <Button
            type="submit"
            loading={save.isPending}
            disabled={draft.name === "" || draft.appCategoryId === undefined || Number.isNaN(draft.port)}
          >
            {host === undefined ? t("inventory.add") : t("inventory.saveNamed", { name: draft.name })}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
