import { UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { isFinalRunState } from "../../../src/contract/states.ts";
import type { Run } from "../../api/types.ts";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./run.module.css";
import { useNow } from "./use-now.ts";

interface RunFactsProps {
  readonly run: Run;
}

/** Who, when, how long, on how many; the rest unfolds. */
export function RunFacts({ run }: RunFactsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const id = useId();
  const now = useNow(!isFinalRunState(run.state));
  const ended = run.hostCount - (run.counts.pending ?? 0) - (run.counts.dispatching ?? 0) - (run.counts.running ?? 0);
  const details = [
    [t("run.query"), run.query],
    [t("run.parameters"), JSON.stringify(run.parameters)],
    [t("run.width"), format.number(run.width)],
    [t("run.waveSize"), run.waveSize === undefined ? "" : format.number(run.waveSize)],
    [t("run.maxFailures"), run.maxFailures === undefined ? "" : format.number(run.maxFailures)],
    [t("run.timeout"), format.duration(run.timeoutMilliseconds)],
    [t("run.become"), run.becomeUser],
    [t("run.module"), `${run.moduleId} ${run.moduleKey} · v${run.moduleVersion}`],
    [t("run.plan"), run.planSha256],
  ] as const;
  return (
    <div className={styles.facts}>
      <div className={styles.factRow}>
        <span>
          {t("run.progress", {
            ended: format.number(ended),
            count: run.hostCount,
            shown: format.number(run.hostCount),
          })}
        </span>
        <span>
          {run.startedAt === undefined
            ? t("run.createdAt", { at: format.dateTime(run.createdAt) })
            : t("run.startedAt", { at: format.dateTime(run.startedAt) })}
        </span>
        {run.startedAt === undefined ? null : (
          <span>{t("run.elapsed", { time: format.duration((run.finishedAt ?? now) - run.startedAt) })}</span>
        )}
        <span>{t("run.by", { user: run.requestedBy })}</span>
        {run.cancelRequestedBy === undefined ? null : (
          <span>{t("run.cancelledBy", { user: run.cancelRequestedBy })}</span>
        )}
        {run.rerunOf === undefined ? null : <span>{t("run.rerunOf", { id: run.rerunOf.runId })}</span>}
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
      {open ? (
        <dl id={id} className={styles.details}>
          {details
            .filter(([, value]) => value !== "" && value !== "{}")
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
