import { ActionIcon, SegmentedControl, Tooltip, UnstyledButton } from "@mantine/core";
import { IconChevronRight, IconCopy } from "@tabler/icons-react";
import { lazy, memo, Suspense, useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { foldHosts } from "../../../src/contract/host-range.ts";
import { copyText } from "../../components/feedback/copy-text.ts";
import { Loading } from "../../components/feedback/loading.tsx";
import { ReasonText } from "../../components/state/reason-text.tsx";
import { ExecutionMark } from "../../components/state/state-mark.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import type { AnswerGroup } from "../../live/answers.ts";
import { endText } from "./end-text.ts";
import { HostLinks } from "./host-links.tsx";
import { OutputPanel } from "./output-panel.tsx";
import styles from "./run.module.css";

const AnswerDiff = lazy(() => import("./answer-diff.tsx").then((module) => ({ default: module.AnswerDiff })));

interface AnswerCardProps {
  readonly runId: number;
  readonly group: AnswerGroup;
  /** What most hosts answered, unless it is this. */
  readonly against: AnswerGroup | undefined;
  readonly isMajority: boolean;
  readonly total: number;
  readonly openFirst: boolean;
  readonly onHost: (position: number) => void;
}

/** Longer host ranges are not shown whole; the copy button has all of it. */
const shownRange = 4_000;

/** One answer: how many hosts gave it, which, how it ended, what it says or how that differs from what most say. */
export const AnswerCard = memo(function AnswerCard(props: AnswerCardProps) {
  const { runId, group, against, isMajority, total, openFirst, onHost } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const [toggled, setToggled] = useState<boolean | undefined>(undefined);
  const open = toggled ?? openFirst;
  const bodyId = useId();
  const { sample } = group;
  const count = group.positions.length;
  const only = count === 1 ? group.positions[0] : undefined;
  const hosts = useMemo(() => foldHosts(group.hostNames), [group.hostNames]);
  const comparable = against !== undefined && sample.stdoutBytes > 0 && against.sample.stdoutBytes > 0;
  // Hosts that ended otherwise say something else altogether; what tells two good answers apart is a line or two.
  const [mode, setMode] = useState<"output" | "differences">();
  const shownMode = comparable
    ? (mode ?? (sample.state === against.sample.state ? "differences" : "output"))
    : "output";
  return (
    <article className={styles.group} data-state={sample.state}>
      <header className={styles.groupHead}>
        <UnstyledButton
          className={styles.groupToggle}
          aria-expanded={open}
          aria-controls={bodyId}
          onClick={() => setToggled(!open)}
        >
          <IconChevronRight size={14} data-open={open} className={styles.chevron} />
          <span className={styles.groupCount} title={format.percent(count / Math.max(1, total))}>
            {t("run.groupCount", { count, shown: format.number(count) })}
          </span>
          <ExecutionMark state={sample.state} detail={endText(sample, t)} />
          <code className={styles.groupHosts} title={hosts.slice(0, 2_000)}>
            {hosts.slice(0, shownRange)}
          </code>
        </UnstyledButton>
        {isMajority ? <span className={styles.badge}>{t("run.majority")}</span> : null}
        {comparable && open ? (
          <SegmentedControl
            className={styles.mode}
            aria-label={t("run.mode.label")}
            value={shownMode}
            onChange={(value) => setMode(value === "output" ? "output" : "differences")}
            data={(["output", "differences"] as const).map((value) => ({ value, label: t(`run.mode.${value}`) }))}
          />
        ) : null}
        {only === undefined ? null : (
          <UnstyledButton className={styles.groupOpen} onClick={() => onHost(only)}>
            {t("run.openHost")}
          </UnstyledButton>
        )}
        <Tooltip label={t("run.copyHosts")}>
          <ActionIcon
            size="sm"
            aria-label={t("run.copyHosts")}
            onClick={() => void copyText(hosts, t("output.copied"))}
          >
            <IconCopy size={14} />
          </ActionIcon>
        </Tooltip>
      </header>
      {open ? (
        <div id={bodyId} className={styles.groupBody}>
          {group.reason === "" || sample.exitCode !== undefined ? null : (
            <p className={styles.groupReason}>
              <ReasonText text={group.reason} />
            </p>
          )}
          {shownMode === "differences" && against !== undefined ? (
            <Suspense fallback={<Loading rows={2} />}>
              <AnswerDiff
                runId={runId}
                sample={sample}
                otherRunId={runId}
                other={against.sample}
                legend={t("diff.againstMajority")}
              />
            </Suspense>
          ) : (
            <Streams runId={runId} group={group} />
          )}
          {only === undefined ? (
            <HostLinks names={group.hostNames} positions={group.positions} onHost={onHost} />
          ) : null}
        </div>
      ) : null}
    </article>
  );
}, sameCard);

interface StreamsProps {
  readonly runId: number;
  readonly group: AnswerGroup;
}

function Streams({ runId, group: { sample } }: StreamsProps) {
  const nothing = sample.stdoutBytes + sample.stderrBytes === 0;
  // A host that never ran has no output to speak of.
  if (nothing && sample.exitCode === undefined && sample.signal === "") return null;
  const streams = [
    { stream: "stdout", sha256: sample.stdoutSha256, bytes: sample.stdoutBytes, maxHeight: 260 },
    { stream: "stderr", sha256: sample.stderrSha256, bytes: sample.stderrBytes, maxHeight: 200 },
  ] as const;
  return streams
    .filter(({ stream, bytes }) => bytes > 0 || (nothing && stream === "stdout"))
    .map(({ stream, sha256, bytes, maxHeight }) => (
      <OutputPanel
        key={stream}
        runId={runId}
        stream={stream}
        sha256={sha256}
        sentBytes={bytes}
        completeness={sample.output}
        fileName={`run-${runId}-${sample.hostName}`}
        maxHeight={maxHeight}
      />
    ));
}

/** A card is drawn again only when its own group changed, however the others grow. */
function sameCard(before: AnswerCardProps, after: AnswerCardProps): boolean {
  return (
    before.group === after.group &&
    before.against?.sample.stdoutSha256 === after.against?.sample.stdoutSha256 &&
    before.against?.sample.stderrSha256 === after.against?.sample.stderrSha256 &&
    before.isMajority === after.isMajority &&
    before.total === after.total &&
    before.openFirst === after.openFirst &&
    before.onHost === after.onHost
  );
}
