import { UnstyledButton } from "@mantine/core";
import { IconArrowRight, IconChevronRight } from "@tabler/icons-react";
import { useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { foldHosts } from "../../../src/contract/host-range.ts";
import { ReasonText } from "../../components/state/reason-text.tsx";
import { ExecutionMark } from "../../components/state/state-mark.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { AnswerDiff } from "./answer-diff.tsx";
import type { ChangeGroup } from "./compare-runs.ts";
import { endText } from "./end-text.ts";
import styles from "./run.module.css";

interface ChangeCardProps {
  readonly runId: number;
  readonly otherRunId: number;
  readonly change: ChangeGroup;
  readonly openFirst: boolean;
  readonly onHost: (position: number) => void;
}

/** Hosts that changed in the same way between two runs: from what to what, and how the outputs differ. */
export function ChangeCard({ runId, otherRunId, change, openFirst, onHost }: ChangeCardProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [open, setOpen] = useState(openFirst);
  const bodyId = useId();
  const hosts = useMemo(() => foldHosts(change.hostNames), [change.hostNames]);
  const { before, after, what, positions } = change;
  const [first] = positions;
  const printed = before.stdoutSha256 !== after.stdoutSha256 || before.stderrSha256 !== after.stderrSha256;
  return (
    <article className={styles.group} data-state={after.state}>
      <header className={styles.groupHead}>
        <UnstyledButton
          className={styles.groupToggle}
          aria-expanded={open}
          aria-controls={bodyId}
          onClick={() => setOpen(!open)}
        >
          <IconChevronRight size={14} data-open={open} className={styles.chevron} />
          <span className={styles.groupCount}>
            {t("run.groupCount", { count: positions.length, shown: format.number(positions.length) })}
          </span>
          {what === "end" ? (
            <>
              <ExecutionMark state={before.state} detail={endText(before, t)} />
              <IconArrowRight size={13} aria-label={t("compare.became")} />
            </>
          ) : null}
          <ExecutionMark state={after.state} detail={endText(after, t)} />
          {what === "output" ? <span className={styles.quiet}>{t("compare.otherOutput")}</span> : null}
          <code className={styles.groupHosts} title={hosts.slice(0, 2_000)}>
            {hosts.slice(0, 4_000)}
          </code>
        </UnstyledButton>
        {first === undefined || positions.length > 1 ? null : (
          <UnstyledButton className={styles.groupOpen} onClick={() => onHost(first)}>
            {t("run.openHost")}
          </UnstyledButton>
        )}
      </header>
      {open ? (
        <div id={bodyId} className={styles.groupBody}>
          {after.reason === "" || after.exitCode !== undefined ? null : (
            <p className={styles.groupReason}>
              <ReasonText text={after.reason} />
            </p>
          )}
          {printed ? (
            <AnswerDiff
              runId={runId}
              sample={after}
              otherRunId={otherRunId}
              other={before}
              legend={t("diff.againstRun", { before: otherRunId, after: runId })}
            />
          ) : null}
        </div>
      ) : null}
    </article>
  );
}
