import { NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import layout from "../layout/fields.module.css";
import { SearchSelect } from "../search-select/search-select.tsx";
import type { Draft, Fault, Field } from "./form-model.ts";
import styles from "./parameter-form.module.css";

interface ParameterFormProps {
  readonly fields: readonly Field[];
  readonly draft: Draft;
  readonly onChange: (name: string, value: string | boolean | undefined) => void;
  /** Faults to show, by field: the form's own, or what the server said. */
  readonly faults: Readonly<Record<string, Fault | string>>;
  /** Chooses a library file; handed in because it fetches. */
  readonly renderFile: (
    field: Field,
    value: string | undefined,
    onChange: (sha256: string | undefined) => void,
  ) => ReactNode;
  readonly disabled?: boolean;
}

/** The form of a module, made from its JSON Schema. */
export function ParameterForm({ fields, draft, onChange, faults, renderFile, disabled = false }: ParameterFormProps) {
  const { t } = useTranslation();
  const faultText = (name: string): string | undefined => {
    const fault = faults[name];
    if (fault === undefined || typeof fault === "string") return fault;
    return t(`form.fault.${fault.kind}`, { limit: "limit" in fault ? fault.limit : 0 });
  };
  return (
    <div className={layout.fields}>
      {/* biome-ignore lint/suspicious/useIterableCallbackReturn: the switch is over every kind */}
      {fields.map((field) => {
        const value = draft[field.name];
        const text = typeof value === "string" ? value : "";
        const common = {
          label: field.title,
          description: field.description || undefined,
          required: field.required,
          error: faultText(field.name),
          disabled: disabled || field.fixed,
        };
        const set = (next: string | null) => onChange(field.name, next === null || next === "" ? undefined : next);
        switch (field.kind) {
          case "boolean":
            return (
              <Switch
                key={field.name}
                className={layout.wide}
                label={field.title}
                description={field.description || undefined}
                checked={value === true}
                disabled={common.disabled}
                onChange={(event) => onChange(field.name, event.currentTarget.checked)}
              />
            );
          case "choice": {
            const Choice = field.choices.length > 8 ? SearchSelect : Select;
            return (
              <Choice
                key={field.name}
                {...common}
                data={[...field.choices]}
                value={text === "" ? null : text}
                onChange={set}
                clearable={!field.required}
                allowDeselect={!field.required}
              />
            );
          }
          case "number":
            return (
              <NumberInput
                key={field.name}
                {...common}
                value={text}
                placeholder={field.example}
                allowDecimal={field.property.type === "number"}
                min={field.property.minimum}
                max={field.property.maximum}
                clampBehavior="none"
                onChange={(next) => set(String(next))}
              />
            );
          case "multiline":
            return (
              <Textarea
                key={field.name}
                {...common}
                className={layout.wide}
                classNames={{ input: styles.mono }}
                autosize
                minRows={3}
                maxRows={12}
                value={text}
                placeholder={field.example}
                onChange={(event) => set(event.currentTarget.value)}
              />
            );
          case "password":
            return (
              <PasswordInput
                key={field.name}
                {...common}
                autoComplete="new-password"
                value={text}
                onChange={(event) => set(event.currentTarget.value)}
              />
            );
          case "file":
            return (
              <div key={field.name} className={layout.wide}>
                {renderFile(field, text === "" ? undefined : text, (next) => set(next ?? null))}
              </div>
            );
          case "text":
            return (
              <TextInput
                key={field.name}
                {...common}
                classNames={field.property.format === undefined ? {} : { input: styles.mono }}
                value={text}
                placeholder={field.example}
                onChange={(event) => set(event.currentTarget.value)}
              />
            );
        }
      })}
    </div>
  );
}
