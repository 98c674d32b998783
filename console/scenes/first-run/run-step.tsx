import { Button } from "@mantine/core";
import { IconCircleCheck, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { foldHosts } from "../../../src/contract/host-range.ts";
import { client } from "../../api/client.ts";
import { modulesQuery } from "../../api/modules-query.ts";
import { usePreferences } from "../../app/preferences.ts";
import { DangerMark } from "../../components/danger-mark/danger-mark.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { ButtonLink } from "../../components/layout/button-link.tsx";
import { ConfirmRun } from "../operate/confirm-run.tsx";
import { changeOperate, operateState } from "../operate/operate-state.ts";
import { RunCard } from "../run/run-card.tsx";
import styles from "./first-run.module.css";

interface RunStepProps {
  /** Names. */
  readonly hosts: readonly string[];
}

/** Asks for nothing and only looks. */
const firstModule = "os-version";

/** The first run, through the same preview as every other, and its answer as it comes. */
export function RunStep({ hosts }: RunStepProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const modules = useQuery(modulesQuery);
  const [asked, setAsked] = useState(false);
  const [runId, setRunId] = useState<number | undefined>(undefined);
  const offered = (modules.data?.modules ?? []).filter(({ enabled, danger }) => enabled && danger === "read");
  const module = offered.find(({ key }) => key === firstModule) ?? offered[0];
  const query = foldHosts(hosts);
  const run = useQuery({
    queryKey: ["first-run", runId],
    queryFn: ({ signal }) => client.call("GET /runs/:id", { params: { id: runId ?? 0 }, signal }),
    enabled: runId !== undefined,
    refetchInterval: (state) => (state.state.data?.finishedAt === undefined ? 1_000 : false),
  });
  if (modules.isLoading) return <Loading rows={2} />;
  if (module === undefined)
    return modules.error ? <ProblemAlert error={modules.error} /> : <p>{t("firstRun.noModule")}</p>;
  const title = module.name[language];
  return (
    <>
      <p className={styles.module}>
        <strong>{title}</strong> <DangerMark danger={module.danger} />
        <span className={styles.about}>{module.description[language]}</span>
      </p>
      <div className={styles.actions}>
        <Button
          size="sm"
          variant={runId === undefined ? "filled" : "default"}
          leftSection={<IconPlayerPlay size={15} />}
          onClick={() => setAsked(true)}
        >
          {t("operate.reviewOn", { count: hosts.length })}
        </Button>
      </div>
      {asked ? (
        <ConfirmRun
          request={{ module: module.id, query, parameters: {} }}
          title={title}
          onClose={() => setAsked(false)}
          onStarted={(started) => {
            setAsked(false);
            setRunId(started.id);
            changeOperate({ query, runIds: [started.id, ...operateState.get().runIds] });
          }}
        />
      ) : null}
      {runId === undefined ? null : (
        <RunCard key={runId} runId={runId} open onStarted={(again) => setRunId(again.id)} />
      )}
      {run.data?.state === "succeeded" ? (
        <div className={styles.done} role="status">
          <IconCircleCheck className={styles.doneIcon} size={22} aria-hidden="true" />
          <div>
            <h3>{t("firstRun.done")}</h3>
            <p>{t("firstRun.doneHint")}</p>
          </div>
          <div className={styles.actions}>
            <ButtonLink to="/" variant="filled" size="sm">
              {t("nav.toOperate")}
            </ButtonLink>
            <ButtonLink to="/inventory" size="sm">
              {t("operate.toInventory")}
            </ButtonLink>
          </div>
        </div>
      ) : null}
    </>
  );
}
