import { MultiSelect, NumberInput, Select, TagsInput, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import fields from "../../components/layout/fields.module.css";
import type { HostsChange } from "./bulk-task.ts";
import { CategoryChoice } from "./category-choice.tsx";
import { CredentialChoice } from "./credential-choice.tsx";
import { type EmptyField, emptied, emptyFields, withEmptied } from "./empty-fields.ts";
import { EngineChoice } from "./engine-choice.tsx";
import { fieldName } from "./hosts-change.tsx";
import styles from "./inventory.module.css";
import { ZoneField } from "./zone-field.tsx";

interface ChangeFieldsProps {
  readonly change: HostsChange;
  readonly faults: Readonly<Record<string, string | undefined>>;
  readonly onChange: (change: HostsChange) => void;
}

/** What several hosts can be given together. A field that is left alone stays as it is on each of them. */
export function ChangeFields({ change, faults, onChange }: ChangeFieldsProps) {
  const { t } = useTranslation();
  const set = (part: HostsChange) =>
    onChange(Object.fromEntries(Object.entries({ ...change, ...part }).filter(([, value]) => value !== undefined)));
  const keep = t("inventory.keep");
  const empty = emptied(change);
  const before = (name: EmptyField) => (empty.includes(name) ? t("bulk.emptied") : keep);
  const text = (name: "os" | "user" | "proxyJump" | "note") => ({
    label: t(`inventory.${name}`),
    placeholder: before(name),
    value: change[name] ?? "",
    onChange: (event: { currentTarget: { value: string } }) =>
      set({ [name]: event.currentTarget.value === "" ? undefined : event.currentTarget.value }),
    error: faults[name],
    autoComplete: "off",
  });
  const tags = (name: "addTags" | "removeTags") => ({
    label: t(`bulk.${name}`),
    placeholder: (change[name] ?? []).length === 0 ? keep : "",
    value: [...(change[name] ?? [])],
    onChange: (value: string[]) => {
      // Pasted ones come without the keys that would have split them.
      const words = [...new Set(value.flatMap((text) => text.split(/[,\s]+/)).filter((word) => word !== ""))];
      set({ [name]: words.length === 0 ? undefined : words });
    },
    splitChars: [",", " "],
    error: faults[name],
  });
  return (
    <>
      <p className={styles.about}>{t("inventory.changeHint")}</p>
      <div className={fields.fields}>
        <CredentialChoice
          clearable
          placeholder={keep}
          value={change.credential}
          onChange={(credential) => set({ credential })}
          error={faults.credential}
        />
        <CategoryChoice
          clearable
          placeholder={keep}
          value={change.appCategoryId}
          onChange={(appCategoryId) => set({ appCategoryId })}
          error={faults.appCategoryId}
        />
        <TagsInput {...tags("addTags")} />
        <TagsInput {...tags("removeTags")} />
        <EngineChoice
          value={change.engines ?? []}
          placeholder={keep}
          onChange={(engines) => set({ engines: engines.length === 0 ? undefined : engines })}
          error={faults.engines}
        />
        <ZoneField
          value={change.zone ?? ""}
          placeholder={before("zone")}
          onChange={(zone) => set({ zone: zone === "" ? undefined : zone })}
          error={faults.zone}
        />
        <Select
          label={t("users.state")}
          placeholder={keep}
          clearable
          data={[
            { value: "true", label: t("inventory.enabled") },
            { value: "false", label: t("inventory.disabled") },
          ]}
          value={change.enabled === undefined ? null : String(change.enabled)}
          onChange={(value) => set({ enabled: value === null ? undefined : value === "true" })}
        />
        <Select
          label={t("claims.field")}
          placeholder={keep}
          clearable
          data={[
            { value: "true", label: t("claims.yes") },
            { value: "false", label: t("claims.no") },
          ]}
          value={change.claim === undefined ? null : String(change.claim)}
          onChange={(value) => set({ claim: value === null ? undefined : value === "true" })}
        />
        <TextInput {...text("os")} />
        <TextInput {...text("user")} />
        <NumberInput
          label={t("inventory.port")}
          placeholder={keep}
          min={1}
          max={65_535}
          allowDecimal={false}
          value={change.port ?? ""}
          onChange={(value) => set({ port: value === "" ? undefined : Number(value) })}
          error={faults.port}
        />
        <TextInput {...text("proxyJump")} />
        <TextInput {...text("note")} />
        <MultiSelect
          className={fields.wide}
          label={t("bulk.empty")}
          description={t("bulk.emptyHint")}
          placeholder={empty.length === 0 ? t("bulk.emptyNone") : ""}
          data={emptyFields.map((field) => ({ value: field, label: fieldName(t, field) }))}
          value={[...empty]}
          onChange={(picked) => onChange(withEmptied(change, picked))}
        />
      </div>
    </>
  );
}
