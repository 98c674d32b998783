import { UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { isFinalRunState } from "../../../src/contract/states.ts";
import type { Execution, Run } from "../../api/types.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { earlierQuery } from "./earlier-query.ts";
import { endedHosts, expectedLeft, medianDuration } from "./expectation.ts";
import styles from "./run.module.css";
import { runTask } from "./run-task.ts";
import { useNow } from "./use-now.ts";

interface RunFactsProps {
  readonly run: Run;
  readonly executions: readonly (Execution | undefined)[];
}

/** How far, how fast, how long and for how long about; who and what. The rest unfolds. */
export function RunFacts({ run, executions }: RunFactsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const id = useId();
  const final = isFinalRunState(run.state);
  const now = useNow(!final);
  const earlier = useQuery(earlierQuery(run.id));
  const usual = earlier.data?.usualHostMilliseconds;
  const own = useMemo(() => (final ? undefined : medianDuration(executions)), [final, executions]);
  const left = expectedLeft(run, usual ?? own, executions, now);
  const ended = endedHosts(run);
  const elapsed = run.startedAt === undefined ? undefined : Math.max(0, (run.finishedAt ?? now) - run.startedAt);
  const rate = elapsed === undefined || elapsed < 1_000 || ended < 2 ? undefined : (ended * 1_000) / elapsed;
  const task = useMemo(() => runTask(run), [run]);
  const details = [
    [t("run.query"), run.query],
    ...task.parameters,
    [t("adhoc.interpreter"), task.script?.interpreter ?? ""],
    [t("run.width"), format.number(run.width)],
    [t("run.waveSize"), run.waveSize === undefined ? "" : format.number(run.waveSize)],
    [t("run.maxFailures"), run.maxFailures === undefined ? "" : format.number(run.maxFailures)],
    [t("run.timeout"), format.duration(run.timeoutMilliseconds)],
    [t("run.become"), run.becomeUser],
    [t("run.module"), run.moduleId === 0 ? "" : `${run.moduleId} ${run.moduleKey} · v${run.moduleVersion}`],
    [t("run.plan"), run.planSha256],
  ] as const;
  function approvedBy({ by: user = "", comment }: NonNullable<Run["approval"]>): string {
    return comment === "" ? t("approval.approvedBy", { user }) : t("approval.approvedBecause", { user, comment });
  }
  return (
    <div>
      <div className={styles.factRow}>
        <span className={styles.factMain}>
          {t("run.progress", {
            ended: format.number(ended),
            count: run.hostCount,
            shown: format.number(run.hostCount),
          })}
        </span>
        {elapsed === undefined ? null : <span>{t("run.elapsed", { time: format.took(elapsed) })}</span>}
        {left === 0 && usual !== undefined ? (
          <span title={t("run.overdueHint", { time: format.duration(usual) })}>{t("run.overdue")}</span>
        ) : null}
        {left === undefined || left === 0 ? null : (
          <span title={t(usual === undefined ? "run.leftFromThis" : "run.leftFromEarlier")}>
            {t("run.left", { time: format.about(left) })}
          </span>
        )}
        {rate === undefined ? null : <span>{t("run.rate", { rate: format.rate(rate) })}</span>}
        <span>
          {run.startedAt === undefined
            ? t("run.createdAt", { at: format.dateTime(run.createdAt) })
            : t("run.startedAt", { at: format.dateTime(run.startedAt) })}
        </span>
        <span>{t("run.by", { user: run.requestedBy })}</span>
        {run.cancelRequestedBy === undefined ? null : (
          <span>{t("run.cancelledBy", { user: run.cancelRequestedBy })}</span>
        )}
        {run.approval?.decision === "approved" ? <span>{approvedBy(run.approval)}</span> : null}
        {run.rerunOf?.gone === true ? <span>{t("retention.rerunOfGone", { id: run.rerunOf.runId })}</span> : null}
        {run.rerunOf === undefined || run.rerunOf.gone === true ? null : (
          <Link to="/runs/$id" params={{ id: String(run.rerunOf.runId) }}>
            {t("run.rerunOf", { id: run.rerunOf.runId })}
          </Link>
        )}
        <UnstyledButton
          className={styles.detailsToggle}
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
        >
          <IconChevronRight size={12} data-open={open} className={styles.chevron} />
          {t("run.details")}
        </UnstyledButton>
      </div>
      {task.line === "" ? null : (
        <p className={styles.task} title={task.line}>
          <code>{task.line}</code>
        </p>
      )}
      {open && task.script !== undefined ? (
        <section aria-label={t("adhoc.script")}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
          <pre className={styles.script} tabIndex={0}>
            {task.script.text}
          </pre>
        </section>
      ) : null}
      {open ? (
        <dl id={id} className={styles.details}>
          {details
            .filter(([, value]) => value !== "")
            .map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <code>{value}</code>
                </dd>
              </div>
            ))}
        </dl>
      ) : null}
    </div>
  );
}
