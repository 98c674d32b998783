import { ActionIcon, SegmentedControl } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { isFinalExecutionState } from "../../../src/contract/states.ts";
import type { Execution } from "../../api/types.ts";
import { ReasonText } from "../../components/state/reason-text.tsx";
import { ExecutionMark } from "../../components/state/state-mark.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { type Tail, tailBytes } from "../../live/tail.ts";
import { endText } from "./end-text.ts";
import { HostNotices } from "./host-notices.tsx";
import { HostSteps } from "./host-steps.tsx";
import { OutputPanel } from "./output-panel.tsx";
import styles from "./run.module.css";
import { useNow } from "./use-now.ts";
import { useSteps } from "./use-steps.ts";

interface HostPanelProps {
  readonly runId: number;
  readonly execution: Execution;
  /** What it printed so far, while it runs. */
  readonly tail: Tail;
  /** What is looked for in its output. */
  readonly find: string;
  readonly onFind: (text: string) => void;
  readonly onClose: () => void;
}

/** One host of a run: state, times, and its own output, live while it runs. */
export function HostPanel({ runId, execution, tail, find, onFind, onClose }: HostPanelProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const final = isFinalExecutionState(execution.state);
  const now = useNow(!final);
  const { startedAt, finishedAt } = execution;
  const steps = useSteps(runId, execution.position, execution.liveSeq);
  const [part, setPart] = useState<"output" | "steps">("output");
  return (
    <aside className={styles.host} aria-label={t("run.hostPanel", { host: execution.hostName })}>
      <header className={styles.hostHead}>
        <h2 className={styles.hostName}>
          <Link to="/inventory/hosts/$id" params={{ id: String(execution.hostId) }}>
            {execution.hostName}
          </Link>
        </h2>
        <ExecutionMark state={execution.state} detail={endText(execution, t)} />
        <span className={styles.spring} />
        <ActionIcon aria-label={t("run.closeHost")} onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </header>
      <dl className={styles.hostFacts}>
        <dt>{t("run.address")}</dt>
        <dd>
          <code>{execution.address}</code> · {execution.engine}
        </dd>
        {startedAt === undefined ? null : (
          <>
            <dt>{t("run.started")}</dt>
            <dd>{format.dateTime(startedAt)}</dd>
            <dt>{t("run.took")}</dt>
            <dd>{format.duration((finishedAt ?? now) - startedAt)}</dd>
          </>
        )}
      </dl>
      {execution.reason === "" || execution.exitCode !== undefined ? null : (
        <p className={styles.groupReason}>
          <ReasonText text={execution.reason} />
        </p>
      )}
      <HostNotices runId={runId} position={execution.position} liveSeq={execution.liveSeq} />
      {steps.length === 0 ? null : (
        <SegmentedControl
          className={styles.hostPart}
          aria-label={t("run.hostPart.label")}
          value={part}
          onChange={(value) => setPart(value === "steps" ? "steps" : "output")}
          data={(["output", "steps"] as const).map((value) => ({
            value,
            label: t(`run.hostPart.${value}`, { count: steps.length }),
          }))}
        />
      )}
      {part === "steps" && steps.length > 0 ? (
        <HostSteps steps={steps} />
      ) : (
        <HostOutput runId={runId} execution={execution} tail={tail} find={find} onFind={onFind} />
      )}
    </aside>
  );
}

type HostOutputProps = Omit<HostPanelProps, "onClose">;

/** What the host printed, each stream for itself. */
function HostOutput({ runId, execution, tail, find, onFind }: HostOutputProps) {
  const final = isFinalExecutionState(execution.state);
  const stdout = useMemo(() => tailBytes(tail.stdout), [tail.stdout]);
  const stderr = useMemo(() => tailBytes(tail.stderr), [tail.stderr]);
  const streams = [
    { stream: "stdout", live: stdout, sha256: execution.stdoutSha256, sent: execution.stdoutBytes, seen: tail.stdout },
    { stream: "stderr", live: stderr, sha256: execution.stderrSha256, sent: execution.stderrBytes, seen: tail.stderr },
  ] as const;
  const printing = streams.filter(
    ({ stream, sent, seen }) => sent > 0 || seen.length > 0 || (stream === "stdout" && execution.stderrBytes === 0),
  );
  return printing.map(({ stream, live, sha256, sent, seen }, place) => (
    <OutputPanel
      key={stream}
      runId={runId}
      stream={stream}
      sha256={final ? sha256 : undefined}
      live={final && seen.length === 0 ? undefined : live}
      sentBytes={Math.max(sent, seen.length)}
      completeness={execution.output}
      fileName={`run-${runId}-${execution.hostName}`}
      maxHeight={stream === "stdout" ? 520 : 220}
      {...(place === 0 ? { search: { text: find, onText: onFind } } : {})}
    />
  ));
}
