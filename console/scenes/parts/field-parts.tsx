import {
  Checkbox,
  NumberInput,
  PasswordInput,
  SegmentedControl,
  Select,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "../../app/preferences.ts";
import { CodeEditor } from "../../components/code-editor/code-editor.tsx";
import fields from "../../components/layout/fields.module.css";
import { Panel } from "../../components/layout/panel.tsx";
import { type Draft, draftFaults, formFields } from "../../components/parameter-form/form-model.ts";
import { ParameterForm } from "../../components/parameter-form/parameter-form.tsx";
import styles from "./parts.module.css";
import { faultyDraft, manifest, manifestProblems, schema, script } from "./samples.ts";

/** What is filled in: as it is, with a hint, faulty, switched off; a module's form; code. */
export function FieldParts() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const [draft, setDraft] = useState<Draft>(faultyDraft);
  const [code, setCode] = useState(script);
  const form = formFields(schema, language);
  const label = t("parts.field");
  const common = { label, description: t("parts.hint") };
  return (
    <>
      <Panel title={t("parts.fields")}>
        <div className={fields.fields}>
          <TextInput {...common} required placeholder={t("parts.sentence")} />
          <TextInput {...common} error={t("form.fault.required")} />
          <TextInput {...common} disabled defaultValue={t("parts.sentence")} />
          <NumberInput {...common} defaultValue={42} />
          <PasswordInput {...common} autoComplete="off" />
          <Select {...common} data={[t("parts.field"), t("parts.hint")]} defaultValue={t("parts.field")} />
          <TagsInput {...common} defaultValue={[t("parts.field")]} />
          <Textarea {...common} rows={2} />
        </div>
        <div className={styles.line}>
          <Switch label={label} defaultChecked />
          <Switch label={label} />
          <Switch label={label} disabled />
          <Checkbox label={label} defaultChecked />
          <Checkbox label={label} indeterminate />
          <Checkbox label={label} />
          <Checkbox label={label} disabled />
          <SegmentedControl aria-label={label} data={[t("theme.light"), t("theme.dark")]} />
        </div>
      </Panel>
      <Panel title={t("parts.form")}>
        <ParameterForm
          fields={form}
          draft={draft}
          faults={draftFaults(form, draft)}
          onChange={(name, value) => setDraft({ ...draft, [name]: value })}
          renderFile={() => null}
        />
      </Panel>
      <Panel title={t("parts.code")}>
        <CodeEditor
          label={t("adhoc.script")}
          size="field"
          language="shell"
          value={code}
          onChange={setCode}
          problems={[]}
        />
        <CodeEditor
          label={t("parts.faultyCode")}
          size="field"
          language="yaml"
          readOnly
          value={manifest}
          onChange={() => undefined}
          problems={manifestProblems}
        />
      </Panel>
    </>
  );
}
