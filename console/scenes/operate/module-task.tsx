import { Button } from "@mantine/core";
import { IconRotate } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { modulesQuery } from "../../api/modules-query.ts";
import type { ModuleDetail, ModuleSummary } from "../../api/types.ts";
import { useSession } from "../../api/use-session.ts";
import { recentModules } from "../../app/memory.ts";
import { usePreferences } from "../../app/preferences.ts";
import { useStore } from "../../app/store.ts";
import { DangerMark } from "../../components/danger-mark/danger-mark.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { findEntries } from "../../components/palette/find-entries.ts";
import { moduleEntry } from "../../components/palette/module-entry.ts";
import { type Draft, type Fault, type Field, firstDraft } from "../../components/parameter-form/form-model.ts";
import { SearchSelect } from "../../components/search-select/search-select.tsx";
import { bringModuleForm, ModuleForm } from "./later.tsx";
import styles from "./operate.module.css";
import { changeOperate, operateState } from "./operate-state.ts";

interface ModuleTaskProps {
  readonly detail: ModuleDetail | undefined;
  readonly error: unknown;
  readonly fields: readonly Field[];
  readonly draft: Draft;
  readonly faults: Readonly<Record<string, Fault>>;
  /** The form holds what was typed when the module last ran. */
  readonly isRemembered: boolean;
  readonly onModule: (id: number | undefined) => void;
}

export function ModuleTask({ detail, error, fields, draft, faults, isRemembered, onModule }: ModuleTaskProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const { session } = useSession();
  const { moduleId } = useStore(operateState);
  const userId = session?.user.id ?? 0;
  const modules = useQuery(modulesQuery);
  const offered = modules.data?.modules.filter((module) => module.enabled);
  const findable = (offered ?? []).map(moduleEntry);
  const byId = new Map((offered ?? []).map((module) => [String(module.id), module]));

  useEffect(() => {
    if (moduleId !== undefined) bringModuleForm();
  }, [moduleId]);

  function setField(name: string, value: string | boolean | undefined): void {
    if (moduleId === undefined) return;
    const { drafts } = operateState.get();
    // Two fields may change before this is drawn again: one is left while the next one is filled.
    const latest = { ...draft, ...drafts[moduleId] };
    changeOperate({ drafts: { ...drafts, [moduleId]: { ...latest, [name]: value ?? "" } } });
  }

  return (
    <div className={styles.module}>
      <SearchSelect
        aria-label={t("operate.module")}
        placeholder={t("operate.modulePlaceholder")}
        size="sm"
        nothingFoundMessage={t("operate.moduleNotFound")}
        data={offered?.map((module) => ({ value: String(module.id), label: `${module.id} ${module.name[language]}` }))}
        failure={modules.error}
        onRetry={() => void modules.refetch()}
        value={moduleId === undefined ? null : String(moduleId)}
        onChange={(value) => onModule(value === null ? undefined : Number(value))}
        allowDeselect={false}
        maxDropdownHeight={360}
        filter={({ options, search }) => {
          const values = new Map(options.flatMap((option) => ("value" in option ? [[option.value, option]] : [])));
          const recent = recentModules(userId).map(String);
          return findEntries(findable, search, recent).flatMap(({ id }) => values.get(id) ?? []);
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
          {isRemembered ? (
            <p className={styles.remembered}>
              {t("remembered.hint")}
              <Button
                variant="subtle"
                size="compact-xs"
                leftSection={<IconRotate size={13} />}
                onClick={() =>
                  changeOperate({ drafts: { ...operateState.get().drafts, [detail.id]: firstDraft(fields) } })
                }
              >
                {t("remembered.reset")}
              </Button>
            </p>
          ) : null}
          {fields.length === 0 ? null : (
            <Suspense fallback={<Loading rows={2 * fields.length} />}>
              <ModuleForm fields={fields} draft={draft} faults={faults} onChange={setField} />
            </Suspense>
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
