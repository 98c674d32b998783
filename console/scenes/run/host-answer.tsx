import { SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { isFinalExecutionState } from "../../../src/contract/states.ts";
import type { Execution } from "../../api/types.ts";
import { type Tail, tailBytes } from "../../live/tail.ts";
import { HostNotices } from "./host-notices.tsx";
import { HostSteps } from "./host-steps.tsx";
import { OutputPanel } from "./output-panel.tsx";
import styles from "./run.module.css";
import { useSteps } from "./use-steps.ts";

interface HostAnswerProps {
  readonly runId: number;
  readonly execution: Execution;
  /** What it printed so far, while it runs. */
  readonly tail: Tail;
  /** What is looked for in its output. */
  readonly find: string;
  readonly onFind: (text: string) => void;
}

/** What one host of a run answered: what its engine had to tell, and its steps or its output. */
export function HostAnswer(props: HostAnswerProps) {
  const { runId, execution } = props;
  const { t } = useTranslation();
  const steps = useSteps(runId, execution.position, execution.liveSeq);
  const [part, setPart] = useState<"output" | "steps">("output");
  return (
    <>
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
      {part === "steps" && steps.length > 0 ? <HostSteps steps={steps} /> : <HostOutput {...props} />}
    </>
  );
}

/** What the host printed, each stream for itself. */
function HostOutput({ runId, execution, tail, find, onFind }: HostAnswerProps) {
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
