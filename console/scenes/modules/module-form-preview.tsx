import { TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { LocalizedText, ParameterSchema } from "../../../src/contract/module.ts";
import { usePreferences } from "../../app/preferences.ts";
import { Panel } from "../../components/layout/panel.tsx";
import { type Draft, draftFaults, firstDraft, formFields } from "../../components/parameter-form/form-model.ts";
import { ParameterForm } from "../../components/parameter-form/parameter-form.tsx";
import styles from "./modules.module.css";

interface ModuleFormPreviewProps {
  readonly module:
    | {
        readonly name: LocalizedText;
        readonly description: LocalizedText;
        readonly engines: readonly string[];
        readonly parameters: ParameterSchema;
      }
    | undefined;
}

/** The form as people will see it; it can be tried, and nothing runs. */
export function ModuleFormPreview({ module }: ModuleFormPreviewProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const [typed, setTyped] = useState<Draft>({});
  if (module === undefined) return <Panel title={t("modules.form")}>{t("modules.noForm")}</Panel>;
  const fields = formFields(module.parameters, language);
  const draft = firstDraft(fields, typed);
  const touched = Object.fromEntries(
    Object.entries(draftFaults(fields, draft)).filter(([name]) => typed[name] !== undefined),
  );
  return (
    <Panel title={t("modules.form")}>
      <div>
        <h3>{module.name[language]}</h3>
        <p className={styles.about}>{module.description[language]}</p>
      </div>
      {fields.length === 0 ? <p className={styles.about}>{t("modules.noParameters")}</p> : null}
      <ParameterForm
        fields={fields}
        draft={draft}
        faults={touched}
        onChange={(name, value) => setTyped({ ...typed, [name]: value ?? "" })}
        renderFile={(field) => (
          <TextInput
            label={field.title}
            description={field.description || undefined}
            placeholder={t("operate.filePlaceholder")}
            readOnly
          />
        )}
      />
      <p className={styles.about}>{t("modules.runsBy", { engines: module.engines.join(", ") })}</p>
    </Panel>
  );
}
