import { Button, Tabs } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { Match } from "../../api/use-match.ts";
import { useSession } from "../../api/use-session.ts";
import { rememberedValues, rememberUse, rememberValues } from "../../app/memory.ts";
import { usePreferences } from "../../app/preferences.ts";
import { useStore } from "../../app/store.ts";
import { Loading } from "../../components/feedback/loading.tsx";
import {
  type Draft,
  draftFaults,
  firstDraft,
  formFields,
  rememberable,
  validValues,
} from "../../components/parameter-form/form-model.ts";
import { AdhocCommand, AdhocScript, bringParts, ConfirmRun } from "./later.tsx";
import { ModuleTask } from "./module-task.tsx";
import styles from "./operate.module.css";
import { changeOperate, operateState, type TaskTab } from "./operate-state.ts";
import { RunOptionsForm } from "./run-options.tsx";
import { type RunRequest, runRequest } from "./run-request.ts";

interface TaskPaneProps {
  readonly match: Match;
}

/** What to do on them: a module with its form, or a command or script typed for this once. */
export function TaskPane({ match }: TaskPaneProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const { session, can } = useSession();
  const state = useStore(operateState);
  const [reviewed, setReviewed] = useState<RunRequest | undefined>(undefined);
  const [showFaults, setShowFaults] = useState(false);
  const section = useRef<HTMLElement>(null);
  const [refused, setRefused] = useState(0);
  // What keeps it from going on is where the cursor goes.
  useEffect(() => {
    if (refused === 0) return;
    const fault = section.current?.querySelector(".mantine-InputWrapper-error");
    fault?.parentElement?.querySelector<HTMLElement>("input, textarea, button")?.focus();
  }, [refused]);
  const module = useQuery({
    queryKey: ["module", state.moduleId],
    queryFn: ({ signal }) => client.call("GET /modules/:id", { params: { id: state.moduleId ?? 0 }, signal }),
    enabled: state.moduleId !== undefined,
    staleTime: 60_000,
  });
  const fields = useMemo(
    () => (module.data === undefined ? [] : formFields(module.data.parameters, language)),
    [module.data, language],
  );
  const userId = session?.user.id ?? 0;
  const typed = state.drafts[state.moduleId ?? 0];
  const remembered = useMemo(
    () => validValues(fields, rememberedValues(userId, state.moduleId ?? 0)),
    [fields, userId, state.moduleId],
  );
  const draft = { ...firstDraft(fields, remembered), ...typed };
  const faults = state.tab === "module" ? draftFaults(fields, draft) : {};
  const drafted = {
    ...state,
    drafts: { ...state.drafts, [state.moduleId ?? 0]: { ...state.drafts[state.moduleId ?? 0], ...draft } },
  };
  const request = state.tab === "module" && module.data === undefined ? undefined : runRequest(drafted, fields);
  const ready = request !== undefined;
  useEffect(() => {
    if (ready) bringParts();
  }, [ready]);
  const count = match.report?.count;
  const waits = whatIsMissing();

  function whatIsMissing(): string | undefined {
    if (!can("runs.start")) return t("operate.mayNotStart");
    if (request === undefined) return state.tab === "module" ? t("operate.chooseModule") : t("operate.typeCommand");
    if (state.query.trim() === "") return t("operate.chooseHosts");
    if (match.error) return t("operate.queryFaulty");
    return count === 0 ? t("operate.noMatch") : undefined;
  }

  function review(): void {
    setShowFaults(true);
    setRefused(Object.keys(faults).length === 0 ? 0 : refused + 1);
    if (Object.keys(faults).length === 0 && waits === undefined) setReviewed(request);
  }

  return (
    <section ref={section} className={styles.task} aria-label={t("operate.task")}>
      <Tabs
        value={state.tab}
        onChange={(tab) => changeOperate({ tab: (tab ?? "module") as TaskTab })}
        keepMounted={false}
        classNames={{ tab: styles.tab, panel: styles.tabPanel }}
      >
        {can("runs.adhoc") ? (
          <Tabs.List aria-label={t("operate.task")}>
            <Tabs.Tab value="module">{t("operate.tab.module")}</Tabs.Tab>
            <Tabs.Tab value="command">{t("operate.tab.command")}</Tabs.Tab>
            <Tabs.Tab value="script">{t("operate.tab.script")}</Tabs.Tab>
          </Tabs.List>
        ) : null}
        <Tabs.Panel value="module">
          <ModuleTask
            detail={module.data}
            error={module.error}
            fields={fields}
            draft={draft}
            faults={showFaults ? faults : {}}
            isRemembered={typed === undefined && isOther(remembered, firstDraft(fields))}
            onModule={(moduleId) => {
              setShowFaults(false);
              if (moduleId !== undefined) rememberUse(userId, moduleId);
              changeOperate({ moduleId });
            }}
          />
        </Tabs.Panel>
        <Tabs.Panel value="command">
          <Suspense fallback={<Loading rows={3} />}>
            <AdhocCommand />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="script">
          <Suspense fallback={<Loading rows={6} />}>
            <AdhocScript />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
      <div className={styles.taskFoot}>
        <RunOptionsForm />
        <div className={styles.runRow}>
          {waits === undefined ? null : <span className={styles.waits}>{waits}</span>}
          <Button
            size="sm"
            leftSection={<IconPlayerPlay size={15} />}
            disabled={waits !== undefined || count === undefined}
            onClick={review}
          >
            {count === undefined || count === 0 ? t("operate.review") : t("operate.reviewOn", { count })}
          </Button>
        </div>
      </div>
      {reviewed === undefined ? null : (
        <Suspense>
          <ConfirmRun
            request={reviewed}
            title={
              module.data !== undefined && state.tab === "module"
                ? module.data.name[language]
                : t(`operate.tab.${state.tab}`)
            }
            onClose={() => setReviewed(undefined)}
            onStarted={(run) => {
              if (state.tab === "module" && state.moduleId !== undefined)
                rememberValues(userId, state.moduleId, rememberable(fields, draft));
              setReviewed(undefined);
              setShowFaults(false);
              changeOperate({ runIds: [run.id, ...operateState.get().runIds.filter((id) => id !== run.id)] });
            }}
          />
        </Suspense>
      )}
    </section>
  );
}

/** Whether any remembered value differs from what the form would hold anyway. */
function isOther(remembered: Draft, first: Draft): boolean {
  return Object.entries(remembered).some(([name, value]) => value !== first[name]);
}
