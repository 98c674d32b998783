import { useTranslation } from "react-i18next";
import type { Execution } from "../../api/types.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { decode } from "../../components/output/visible-text.ts";
import { DiffView } from "../../components/output-diff/diff-view.tsx";
import styles from "./run.module.css";
import { type Output, useOutput } from "./use-output.ts";

interface AnswerDiffProps {
  readonly runId: number;
  readonly sample: Execution;
  /** Where the other answer was given: in the same run or in another. */
  readonly otherRunId: number;
  readonly other: Execution;
  /** Whose the lines with − are, and whose those with +. */
  readonly legend: string;
}

/** What an answer says differently from another one, stream by stream. */
export function AnswerDiff({ runId, sample, otherRunId, other, legend }: AnswerDiffProps) {
  const differs = {
    stdout: sample.stdoutSha256 !== other.stdoutSha256,
    stderr: sample.stderrSha256 !== other.stderrSha256,
  };
  return (["stdout", "stderr"] as const)
    .filter((stream) => differs[stream] || (stream === "stdout" && !differs.stderr))
    .map((stream) => (
      <StreamDiff
        key={stream}
        stream={stream}
        legend={legend}
        runId={runId}
        sha256={stream === "stdout" ? sample.stdoutSha256 : sample.stderrSha256}
        otherRunId={otherRunId}
        otherSha256={stream === "stdout" ? other.stdoutSha256 : other.stderrSha256}
      />
    ));
}

interface StreamDiffProps {
  readonly stream: "stdout" | "stderr";
  readonly legend: string;
  readonly runId: number;
  readonly sha256: string | undefined;
  readonly otherRunId: number;
  readonly otherSha256: string | undefined;
}

function StreamDiff({ stream, legend, runId, sha256, otherRunId, otherSha256 }: StreamDiffProps) {
  const { t } = useTranslation();
  const mine = useOutput(runId, sha256, true);
  const other = useOutput(otherRunId, otherSha256, true);
  const error = mine.error ?? other.error;
  return (
    <div className={styles.outputPanel}>
      <div className={styles.outputTools}>
        <span className={styles.outputName}>{t(`output.${stream}`)}</span>
        <span className={styles.quiet}>{legend}</span>
      </div>
      {error ? (
        <ProblemAlert error={error} onRetry={() => void Promise.all([mine.refetch(), other.refetch()])} />
      ) : (
        <DiffView
          label={t("diff.label", { stream: t(`output.${stream}`) })}
          before={textOf(other.data)}
          after={textOf(mine.data)}
          maxHeight={320}
        />
      )}
    </div>
  );
}

const texts = new WeakMap<Output, string>();

/** Decoded once, so that the same output is the same text to whoever compares by identity. */
function textOf(output: Output | undefined): string | undefined {
  if (output === undefined) return undefined;
  const known = texts.get(output);
  if (known !== undefined) return known;
  const text = decode(output.bytes);
  texts.set(output, text);
  return text;
}
