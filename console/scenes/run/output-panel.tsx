import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconArrowBarToDown, IconCopy, IconDownload, IconTextWrap } from "@tabler/icons-react";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { OutputCompleteness } from "../../../src/contract/states.ts";
import { copyText } from "../../components/feedback/copy-text.ts";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellFailed } from "../../components/feedback/toasts.tsx";
import { usePhone } from "../../components/layout/use-phone.ts";
import { FindInOutput } from "../../components/output/find-in-output.tsx";
import { outputLines } from "../../components/output/output-lines.ts";
import { OutputView } from "../../components/output/output-view.tsx";
import { decode, makeVisible } from "../../components/output/visible-text.ts";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./run.module.css";
import { downloadOutput, useWholeOutput } from "./use-output.ts";

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
  readonly maxHeight?: number;
  /** With a search; all of a long output is read at once then. */
  readonly search?: { readonly text: string; readonly onText: (text: string) => void };
}

/** One stream of a host or a group: a line of tools and marks, then the text. */
export function OutputPanel(props: OutputPanelProps) {
  const { runId, stream, sha256, sentBytes, completeness, live, fileName, maxHeight, search } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const phone = usePhone();
  const [wrap, setWrap] = useState(phone);
  const [follow, setFollow] = useState(true);
  const [all, setAll] = useState(search !== undefined);
  const [current, setCurrent] = useState<number | undefined>(undefined);
  const output = useWholeOutput(runId, sha256, all);
  const bytes = output.output?.bytes ?? live;
  const lines = useMemo(() => (bytes === undefined ? undefined : outputLines(decode(bytes))), [bytes]);
  const label = t(`output.${stream}`);
  const growing = sha256 === undefined;
  // What comes last comes with the end: whoever followed so far sees it, too.
  const wasGrowing = useRef(growing);
  wasGrowing.current ||= growing;

  return (
    <div className={styles.outputPanel}>
      <div className={styles.outputTools}>
        <span className={styles.outputName}>{label}</span>
        <span className={styles.quiet}>{format.bytes(sentBytes)}</span>
        {completeness === undefined ? null : (
          <span
            className={styles.completeness}
            data-completeness={completeness}
            title={t(`output.why.${completeness}`)}
          >
            {t(`output.${completeness}`)}
          </span>
        )}
        <span className={styles.spring} />
        {search === undefined || lines === undefined ? null : (
          <FindInOutput lines={lines} text={search.text} onText={search.onText} onCurrent={setCurrent} />
        )}
        {growing ? (
          <Tool label={t("output.follow")} pressed={follow} onClick={() => setFollow(!follow)}>
            <IconArrowBarToDown size={14} />
          </Tool>
        ) : null}
        <Tool label={t("output.wrap")} pressed={wrap} onClick={() => setWrap(!wrap)}>
          <IconTextWrap size={14} />
        </Tool>
        <Tool
          label={t("output.copy")}
          onClick={() => void copyText(bytes === undefined ? "" : makeVisible(decode(bytes)), t("output.copied"))}
        >
          <IconCopy size={14} />
        </Tool>
        {sha256 === undefined ? null : (
          <Tool
            label={t("output.download")}
            onClick={() => void downloadOutput(runId, sha256, `${fileName}.${stream}`).catch(tellFailed)}
          >
            <IconDownload size={14} />
          </Tool>
        )}
      </div>
      {output.error ? <ProblemAlert error={output.error} onRetry={output.retry} /> : null}
      {lines === undefined && !output.error ? <Loading rows={2} /> : null}
      {lines === undefined ? null : (
        <OutputView
          lines={lines}
          label={label}
          wrap={wrap}
          live={growing}
          follow={wasGrowing.current && follow}
          onFollow={setFollow}
          find={search?.text}
          current={current}
          missing={completeness === "truncated" || completeness === "partial"}
          maxHeight={maxHeight}
        />
      )}
      {lines?.cut ? <div className={styles.outputMore}>{t("output.tooMany", { count: lines.count })}</div> : null}
      {output.output?.whole === false ? (
        <div className={styles.outputMore}>
          {t("output.beginning", { shown: format.bytes(output.output.bytes.length) })}
          {all ? null : (
            <Button variant="subtle" loading={output.isLoading} onClick={() => setAll(true)}>
              {t("output.showAll")}
            </Button>
          )}
        </div>
      ) : null}
    </div>
  );
}

interface ToolProps {
  readonly label: string;
  readonly pressed?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function Tool({ label, pressed, onClick, children }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon size="sm" aria-label={label} aria-pressed={pressed} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
