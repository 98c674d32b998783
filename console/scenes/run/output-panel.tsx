import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconCopy, IconDownload, IconTextWrap } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { OutputCompleteness } from "../../../src/contract/states.ts";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellDone, tellFailed } from "../../components/feedback/toasts.tsx";
import { usePhone } from "../../components/layout/use-phone.ts";
import { OutputView } from "../../components/output/output-view.tsx";
import { decode, makeVisible } from "../../components/output/visible-text.ts";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./run.module.css";
import { downloadOutput, useOutput } from "./use-output.ts";

interface OutputPanelProps {
  readonly runId: number;
  readonly stream: "stdout" | "stderr";
  readonly sha256: string | undefined;
  /** Bytes that the host sent, kept or not. */
  readonly sentBytes: number;
  readonly completeness: OutputCompleteness | undefined;
  /** What has come so far, shown until there is a `sha256` and its whole is here. */
  readonly live?: Uint8Array | undefined;
  readonly fileName: string;
  readonly maxHeight: number;
}

/** One stream of a host or a group: a line of tools and marks, then the text. */
export function OutputPanel(props: OutputPanelProps) {
  const { runId, stream, sha256, sentBytes, completeness, live, fileName, maxHeight } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const phone = usePhone();
  const [wrap, setWrap] = useState(phone);
  const [all, setAll] = useState(false);
  const output = useOutput(runId, sha256, all);
  const bytes = output.data?.bytes ?? live;
  const text = useMemo(() => (bytes === undefined ? "" : decode(bytes)), [bytes]);
  const label = t(`output.${stream}`);

  return (
    <div className={styles.outputPanel}>
      <div className={styles.outputTools}>
        <span className={styles.outputName}>{label}</span>
        <span className={styles.quiet}>{format.bytes(sentBytes)}</span>
        {completeness === undefined ? null : (
          <span className={styles.completeness} data-completeness={completeness}>
            {t(`output.${completeness}`)}
          </span>
        )}
        <span className={styles.spring} />
        <Tooltip label={t("output.wrap")}>
          <ActionIcon size="sm" aria-label={t("output.wrap")} aria-pressed={wrap} onClick={() => setWrap(!wrap)}>
            <IconTextWrap size={14} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t("output.copy")}>
          <ActionIcon size="sm" aria-label={t("output.copy")} onClick={() => void copy(text, t("output.copied"))}>
            <IconCopy size={14} />
          </ActionIcon>
        </Tooltip>
        {sha256 === undefined ? null : (
          <Tooltip label={t("output.download")}>
            <ActionIcon
              size="sm"
              aria-label={t("output.download")}
              onClick={() => void downloadOutput(runId, sha256, `${fileName}.${stream}`).catch(tellFailed)}
            >
              <IconDownload size={14} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
      {output.error ? <ProblemAlert error={output.error} onRetry={() => void output.refetch()} /> : null}
      {bytes === undefined && !output.error ? <Loading rows={2} /> : null}
      {bytes === undefined ? null : (
        <OutputView text={text} label={label} wrap={wrap} follow={sha256 === undefined} maxHeight={maxHeight} />
      )}
      {output.data?.whole === false ? (
        <div className={styles.outputMore}>
          {t("output.beginning", { shown: format.bytes(output.data.bytes.length) })}
          {all ? null : (
            <Button variant="subtle" loading={output.isFetching} onClick={() => setAll(true)}>
              {t("output.showAll")}
            </Button>
          )}
        </div>
      ) : null}
    </div>
  );
}

async function copy(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(makeVisible(text));
    tellDone(done);
  } catch (error) {
    tellFailed(error);
  }
}
