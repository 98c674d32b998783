import type { Draft, Fault, Field } from "../../components/parameter-form/form-model.ts";
import { ParameterForm } from "../../components/parameter-form/parameter-form.tsx";
import { FileField } from "./file-field.tsx";

interface ModuleFormProps {
  readonly fields: readonly Field[];
  readonly draft: Draft;
  readonly faults: Readonly<Record<string, Fault>>;
  readonly onChange: (name: string, value: string | boolean | undefined) => void;
}

/** The form of the chosen module, with files out of the library. */
export function ModuleForm({ fields, draft, faults, onChange }: ModuleFormProps) {
  return (
    <ParameterForm
      fields={fields}
      draft={draft}
      faults={faults}
      onChange={onChange}
      renderFile={(field, value, change) => (
        <FileField field={field} value={value} onChange={change} fault={faults[field.name]} />
      )}
    />
  );
}
