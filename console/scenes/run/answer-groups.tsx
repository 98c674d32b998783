import { ActionIcon, Tooltip, UnstyledButton } from "@mantine/core";
import { IconChevronRight, IconCopy } from "@tabler/icons-react";
import { useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { foldHosts } from "../../../src/contract/host-range.ts";
import { tellDone, tellFailed } from "../../components/feedback/toasts.tsx";
import { ReasonText } from "../../components/state/reason-text.tsx";
import { ExecutionMark } from "../../components/state/state-mark.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import type { AnswerGroup } from "../../live/groups.ts";
import { endText } from "./end-text.ts";
import { OutputPanel } from "./output-panel.tsx";
import styles from "./run.module.css";

interface AnswerGroupsProps {
  readonly runId: number;
  readonly groups: readonly AnswerGroup[];
  readonly total: number;
  readonly onHost: (position: number) => void;
}

const shownFirst = 50;
/** So many of the groups stand open at first. */
const openFirst = 8;

/** Identical answers together, largest group first. */
export function AnswerGroups({ runId, groups, total, onHost }: AnswerGroupsProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(shownFirst);
  return (
    <div className={styles.groups}>
      {groups.slice(0, shown).map((group, place) => (
        <AnswerGroupCard
          key={group.key}
          runId={runId}
          group={group}
          total={total}
          openFirst={place < openFirst}
          onHost={onHost}
        />
      ))}
      {groups.length > shown ? (
        <UnstyledButton className={styles.moreGroups} onClick={() => setShown(shown + 100)}>
          {t("run.moreGroups", { count: groups.length - shown })}
        </UnstyledButton>
      ) : null}
    </div>
  );
}

interface AnswerGroupCardProps {
  readonly runId: number;
  readonly group: AnswerGroup;
  readonly total: number;
  readonly openFirst: boolean;
  readonly onHost: (position: number) => void;
}

function AnswerGroupCard({ runId, group, total, openFirst, onHost }: AnswerGroupCardProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [toggled, setToggled] = useState<boolean | undefined>(undefined);
  const open = toggled ?? openFirst;
  const bodyId = useId();
  const { sample } = group;
  const count = group.positions.length;
  const hosts = useMemo(() => foldHosts(group.hostNames), [group.hostNames]);
  const first = group.positions[0];
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
            {t("run.groupCount", { count })}
          </span>
          <ExecutionMark state={sample.state} detail={endText(sample, t)} />
          <code className={styles.groupHosts} title={hosts.slice(0, 2_000)}>
            {hosts.slice(0, 4_000)}
          </code>
        </UnstyledButton>
        <Tooltip label={t("run.copyHosts")}>
          <ActionIcon
            size="sm"
            aria-label={t("run.copyHosts")}
            onClick={() => {
              navigator.clipboard.writeText(hosts).then(() => tellDone(t("output.copied")), tellFailed);
            }}
          >
            <IconCopy size={14} />
          </ActionIcon>
        </Tooltip>
        {count === 1 && first !== undefined ? (
          <UnstyledButton className={styles.groupOpen} onClick={() => onHost(first)}>
            {t("run.openHost")}
          </UnstyledButton>
        ) : null}
      </header>
      {group.reason === "" || sample.exitCode !== undefined ? null : (
        <p className={styles.groupReason}>
          <ReasonText text={group.reason} />
        </p>
      )}
      {open ? (
        <div id={bodyId}>
          {sample.stdoutBytes > 0 || sample.stderrBytes === 0 ? (
            <OutputPanel
              runId={runId}
              stream="stdout"
              sha256={sample.stdoutSha256}
              sentBytes={sample.stdoutBytes}
              completeness={sample.output}
              fileName={`run-${runId}-${sample.hostName}`}
              maxHeight={260}
            />
          ) : null}
          {sample.stderrBytes > 0 ? (
            <OutputPanel
              runId={runId}
              stream="stderr"
              sha256={sample.stderrSha256}
              sentBytes={sample.stderrBytes}
              completeness={sample.output}
              fileName={`run-${runId}-${sample.hostName}`}
              maxHeight={200}
            />
          ) : null}
        </div>
      ) : null}
    </article>
  );
}
