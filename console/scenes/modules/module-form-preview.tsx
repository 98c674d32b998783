import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { LocalizedText, ParameterSchema } from "../../../src/contract/module.ts";
import { useUsableEngines } from "../../api/use-usable-engines.ts";
import { usePreferences } from "../../app/preferences.ts";
import { Panel } from "../../components/layout/panel.tsx";
import {
  type Draft,
  draftFaults,
  draftValues,
  firstDraft,
  formFields,
} from "../../components/parameter-form/form-model.ts";
import { ParameterForm } from "../../components/parameter-form/parameter-form.tsx";
import { FileField } from "../operate/file-field.tsx";
import { ModuleTry, type TriedModule } from "./module-try.tsx";
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
  /** What can be tried of it; undefined where the user cannot try it. */
  readonly tried: TriedModule | undefined;
}

/** The form as people will see it, and filled in, the way to try the module with it on one host. */
export function ModuleFormPreview({ module, tried }: ModuleFormPreviewProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const usable = useUsableEngines();
  const [typed, setTyped] = useState<Draft>({});
  if (module === undefined) return <Panel title={t("modules.form")}>{t("modules.noForm")}</Panel>;
  const able = module.engines.filter((id) => usable?.includes(id));
  const fields = formFields(module.parameters, language);
  // What is remembered leaves secrets out; what is typed here does not.
  const draft = { ...firstDraft(fields), ...typed };
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
        renderFile={(field, value, onChange) => (
          <FileField field={field} value={value} onChange={onChange} fault={touched[field.name]} />
        )}
      />
      {usable === undefined ? null : (
        <p className={styles.about}>
          {able.length === 0
            ? t("modules.runsByNone", { engines: module.engines.join(", ") })
            : t("modules.runsBy", { engines: able.join(", ") })}
        </p>
      )}
      {tried === undefined ? null : (
        <ModuleTry
          tried={tried}
          title={module.name[language]}
          values={draftValues(fields, draft)}
          isFilled={Object.keys(draftFaults(fields, draft)).length === 0}
          onUnfilled={() =>
            setTyped({ ...Object.fromEntries(fields.map(({ name }) => [name, draft[name] ?? ""])), ...typed })
          }
        />
      )}
    </Panel>
  );
}
