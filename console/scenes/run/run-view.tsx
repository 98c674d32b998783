import { Tabs, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { lazy, Suspense, useCallback, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { isFinalRunState } from "../../../src/contract/states.ts";
import type { Execution, Run } from "../../api/types.ts";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { RunGrid } from "../../components/run-grid/run-grid.tsx";
import { bySize, majorityOf, onlyHosts } from "../../live/answers.ts";
import { emptyTail } from "../../live/tail.ts";
import { useLiveRun } from "../../live/use-live-run.ts";
import { AnswerGroups } from "./answer-groups.tsx";
import { HostPanel } from "./host-panel.tsx";
import { NoAnswers } from "./no-answers.tsx";
import styles from "./run.module.css";
import { RunApproval } from "./run-approval.tsx";
import { RunCounts } from "./run-counts.tsx";
import { RunFacts } from "./run-facts.tsx";
import { RunHead } from "./run-head.tsx";
import { hostFilter, type RunLook, runTabs } from "./run-look.ts";
import { RunWaits } from "./run-waits.tsx";
import { useThrottled } from "./use-throttled.ts";

const TimingTab = lazy(() => import("./timing-tab.tsx").then((module) => ({ default: module.TimingTab })));
const CompareTab = lazy(() => import("./compare-tab.tsx").then((module) => ({ default: module.CompareTab })));

interface RunViewProps {
  readonly runId: number;
  readonly look: RunLook;
  readonly onLook: (look: RunLook) => void;
  readonly onStarted: (run: Run) => void;
}

/** A run as it happens: state and counts, a cell a host, equal answers together, one host in full. */
export function RunView({ runId, look, onLook, onStarted }: RunViewProps) {
  const { t } = useTranslation();
  const { live, answers } = useLiveRun(runId, look.host);
  const { view, connection, tail, tailOf, problem } = live;
  const { run } = view;
  const ended = run !== undefined && isFinalRunState(run.state);
  const settled = useThrottled(view.executions, ended ? 0 : 400);
  const wanted = useMemo(() => hostFilter(look.find), [look.find]);
  const keep = useMemo(() => {
    if (look.state === undefined && wanted === undefined) return undefined;
    return (one: Execution) =>
      (look.state === undefined || one.state === look.state) && (wanted === undefined || wanted(one.hostName));
  }, [look.state, wanted]);
  const cells = useMemo(() => listed(view.executions, keep), [view.executions, keep]);
  const hosts = useMemo(() => listed(settled, keep), [settled, keep]);
  // While hosts answer, an answer keeps its place and new ones come below, also once the run has ended under the eyes of
  // whoever reads it. A run that had ended before shows the largest first.
  const seenOpen = useRef(false);
  if (run !== undefined && !ended) seenOpen.current = true;
  const sorted = ended && !seenOpen.current;
  // biome-ignore lint/correctness/useExhaustiveDependencies: hosts that settled are what changes the answers
  const groups = useMemo(() => (sorted ? bySize(answers()) : answers()), [answers, sorted, settled]);
  const majority = useMemo(() => majorityOf(groups), [groups]);
  const shown = useMemo(
    () => (keep === undefined ? groups : onlyHosts(groups, settled, keep)),
    [groups, settled, keep],
  );
  const looked = useRef({ look, onLook });
  looked.current = { look, onLook };
  const open = useCallback((position: number) => {
    const { look: now, onLook: change } = looked.current;
    change({ ...now, host: position === now.host ? undefined : position, text: undefined });
  }, []);

  if (run === undefined) {
    return connection === "refused" ? <ProblemAlert error={problem} /> : <Loading rows={8} />;
  }
  const host = look.host === undefined ? undefined : view.executions[look.host];
  const tab = look.tab ?? "answers";
  return (
    <div className={styles.view} data-run-open={ended ? undefined : true}>
      <RunHead run={run} connection={connection} executions={view.executions} onStarted={onStarted} />
      <RunWaits run={run} />
      <RunApproval run={run} executions={settled} />
      <RunFacts run={run} executions={settled} />
      <RunCounts run={run} filter={look.state} onFilter={(state) => onLook({ ...look, state })} />
      {run.hostCount > 1 ? (
        <RunGrid label={t("run.grid", { count: cells.length })} cells={cells} selected={look.host} onSelect={open} />
      ) : null}
      <Tabs
        value={tab}
        onChange={(next) => onLook({ ...look, tab: runTabs.find((each) => each === next && each !== "answers") })}
        keepMounted={false}
      >
        <div className={styles.tabs}>
          <Tabs.List>
            {runTabs.map((each) => (
              <Tabs.Tab key={each} value={each}>
                {t(`run.tab.${each}`, { count: shown.length })}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {run.hostCount > 1 ? (
            <TextInput
              className={styles.find}
              type="search"
              aria-label={t("run.find")}
              placeholder={t("run.findHint")}
              leftSection={<IconSearch size={14} />}
              value={look.find ?? ""}
              onChange={(event) => onLook({ ...look, find: event.currentTarget.value || undefined })}
            />
          ) : null}
        </div>
        <div className={styles.answers} data-host={host !== undefined || undefined}>
          <div className={styles.answerList}>
            <Suspense fallback={<Loading rows={6} />}>
              <Tabs.Panel value="answers">
                {shown.length > 0 ? (
                  <AnswerGroups runId={runId} groups={shown} majority={majority} total={run.hostCount} onHost={open} />
                ) : (
                  <NoAnswers run={run} hosts={hosts} filtered={keep !== undefined} onHost={open} />
                )}
              </Tabs.Panel>
              <Tabs.Panel value="timing">
                <TimingTab run={run} hosts={hosts} selected={look.host} onHost={open} />
              </Tabs.Panel>
              <Tabs.Panel value="compare">
                <CompareTab
                  run={run}
                  hosts={hosts}
                  partial={keep !== undefined}
                  otherId={look.with}
                  onOther={(other) => onLook({ ...look, with: other })}
                  onHost={open}
                />
              </Tabs.Panel>
            </Suspense>
          </div>
          {host === undefined ? null : (
            <HostPanel
              key={host.position}
              runId={runId}
              execution={host}
              tail={tailOf === host.position ? tail : emptyTail}
              find={look.text ?? ""}
              onFind={(text) => onLook({ ...look, text: text || undefined })}
              onClose={() => onLook({ ...look, host: undefined, text: undefined })}
            />
          )}
        </div>
      </Tabs>
    </div>
  );
}

/** The executions that are there, and only those to keep. */
function listed(
  executions: readonly (Execution | undefined)[],
  keep: ((execution: Execution) => boolean) | undefined,
): readonly Execution[] {
  return executions.filter((one): one is Execution => one !== undefined && (keep === undefined || keep(one)));
}
