import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { ModuleDetail, ModuleSummary } from "../../api/types.ts";
import { usePreferences } from "../../app/preferences.ts";
import { useStore } from "../../app/store.ts";
import { DangerMark } from "../../components/danger-mark/danger-mark.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import type { Draft, Fault, Field } from "../../components/parameter-form/form-model.ts";
import { ParameterForm } from "../../components/parameter-form/parameter-form.tsx";
import { findModules } from "../modules/find-modules.ts";
import { FileField } from "./file-field.tsx";
import styles from "./operate.module.css";
import { changeOperate, operateState } from "./operate-state.ts";

interface ModuleTaskProps {
  readonly detail: ModuleDetail | undefined;
  readonly error: unknown;
  readonly fields: readonly Field[];
  readonly draft: Draft;
  readonly faults: Readonly<Record<string, Fault>>;
  readonly onModule: (id: number | undefined) => void;
}

export function ModuleTask({ detail, error, fields, draft, faults, onModule }: ModuleTaskProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const { moduleId } = useStore(operateState);
  const modules = useQuery({
    queryKey: ["modules"],
    queryFn: ({ signal }) => client.call("GET /modules", { signal }),
    staleTime: 30_000,
  });
  const offered = (modules.data?.modules ?? []).filter((module) => module.enabled);
  const byId = new Map(offered.map((module) => [String(module.id), module]));

  function setField(name: string, value: string | boolean | undefined): void {
    if (moduleId === undefined) return;
    const { drafts } = operateState.get();
    changeOperate({ drafts: { ...drafts, [moduleId]: { ...draft, [name]: value ?? "" } } });
  }

  return (
    <div className={styles.module}>
      <Select
        aria-label={t("operate.module")}
        placeholder={t("operate.modulePlaceholder")}
        size="sm"
        searchable
        nothingFoundMessage={t("operate.moduleNotFound")}
        data={offered.map((module) => ({ value: String(module.id), label: `${module.id} ${module.name[language]}` }))}
        value={moduleId === undefined ? null : String(moduleId)}
        onChange={(value) => onModule(value === null ? undefined : Number(value))}
        allowDeselect={false}
        maxDropdownHeight={360}
        filter={({ options, search }) => {
          const values = new Map(options.flatMap((option) => ("value" in option ? [[option.value, option]] : [])));
          return findModules(offered, search).flatMap((module) => values.get(String(module.id)) ?? []);
        }}
        renderOption={({ option }) => <ModuleOption module={byId.get(option.value)} language={language} />}
      />
      {modules.error ? <ProblemAlert error={modules.error} onRetry={() => void modules.refetch()} /> : null}
      {error ? <ProblemAlert error={error} /> : null}
      {moduleId !== undefined && detail === undefined && !error ? <Loading rows={3} /> : null}
      {detail === undefined ? null : (
        <>
          <p className={styles.moduleAbout}>
            <DangerMark danger={detail.danger} />
            <span>{detail.description[language]}</span>
          </p>
          {fields.length === 0 ? null : (
            <ParameterForm
              fields={fields}
              draft={draft}
              faults={faults}
              onChange={setField}
              renderFile={(field, value, onChange) => (
                <FileField field={field} value={value} onChange={onChange} fault={faults[field.name]} />
              )}
            />
          )}
        </>
      )}
    </div>
  );
}

interface ModuleOptionProps {
  readonly module: ModuleSummary | undefined;
  readonly language: "zh" | "en";
}

function ModuleOption({ module, language }: ModuleOptionProps) {
  if (module === undefined) return null;
  return (
    <span className={styles.moduleOption}>
      <code>{module.id}</code>
      <span className={styles.moduleOptionName}>{module.name[language]}</span>
      <span className={styles.moduleOptionKey}>{module.key}</span>
      <DangerMark danger={module.danger} />
    </span>
  );
}
