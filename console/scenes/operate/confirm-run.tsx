import { Button, Checkbox, Modal, NumberInput } from "@mantine/core";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { OmError } from "../../../src/contract/errors.ts";
import { client, newIdempotencyKey } from "../../api/client.ts";
import type { Run, RunPreview } from "../../api/types.ts";
import { DangerMark } from "../../components/danger-mark/danger-mark.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { usePhone } from "../../components/layout/use-phone.ts";
import { ReasonText } from "../../components/state/reason-text.tsx";
import { useTell } from "../../components/state/use-tell.ts";
import { WaitsNotice } from "../../components/waits/waits-notice.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./operate.module.css";
import type { RunRequest } from "./run-request.ts";
import { UnusableHosts } from "./unusable-hosts.tsx";

interface ConfirmRunProps {
  readonly request: RunRequest;
  /** Name of the module, for the button. */
  readonly title: string;
  readonly onClose: () => void;
  readonly onStarted: (run: Run) => void;
}

/** Exactly what will run and where, and the one button that starts it. Where danger asks for it, the number is typed. */
export function ConfirmRun({ request: asked, title, onClose, onStarted }: ConfirmRunProps) {
  const { t } = useTranslation();
  const phone = usePhone();
  const [typed, setTyped] = useState<string | number>("");
  const [key] = useState(newIdempotencyKey);
  const [check, setCheck] = useState(false);
  const request = check ? { ...asked, check } : asked;
  const adhoc = asked.command !== undefined ? "theCommand" : asked.script !== undefined ? "theScript" : undefined;
  const preview = useQuery({
    queryKey: ["run-preview", request],
    queryFn: ({ signal }) => client.call("POST /runs/preview", { body: request, signal }),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    // The dialog keeps its size while the dry run is looked at.
    placeholderData: keepPreviousData,
  });
  const start = useMutation({
    mutationFn: (shown: RunPreview) =>
      client.call("POST /runs", {
        body: {
          ...request,
          planSha256: shown.planSha256,
          ...(shown.needsConfirmation ? { confirmHostCount: Number(typed) } : {}),
        },
        headers: { "idempotency-key": key },
      }),
    onSuccess: onStarted,
    onError: (error) => {
      if (error instanceof OmError && error.code === "run.changed") void preview.refetch();
    },
  });
  const shown = preview.data;
  const go = useRef<HTMLButtonElement>(null);
  const number = useRef<HTMLInputElement>(null);
  const asksNumber = shown?.needsConfirmation;
  // What to do next is there only now: without this, a key would meet whatever the dialog could focus first.
  useEffect(() => {
    if (asksNumber !== undefined) (asksNumber ? number : go).current?.focus();
  }, [asksNumber]);
  const confirmed =
    shown !== undefined &&
    !preview.isPlaceholderData &&
    (!shown.needsConfirmation || Number(typed) === shown.hostCount);
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("confirm.title")}
      size="lg"
      fullScreen={phone}
      closeButtonProps={{ "aria-label": t("confirm.close") }}
    >
      <form
        className={styles.confirm}
        onSubmit={(event) => {
          event.preventDefault();
          if (shown !== undefined && confirmed) start.mutate(shown);
        }}
      >
        {preview.isLoading ? <Loading rows={6} /> : null}
        {preview.error ? <ProblemAlert error={preview.error} onRetry={() => void preview.refetch()} /> : null}
        {shown === undefined ? null : <PreviewBody preview={shown} title={title} adhoc={adhoc !== undefined} />}
        {shown?.canCheck || check ? (
          <Checkbox
            label={t("engine.check")}
            checked={check}
            onChange={(event) => setCheck(event.currentTarget.checked)}
          />
        ) : null}
        {shown?.needsApproval ? <p role="status">{t("approval.needed")}</p> : null}
        {start.error ? <ProblemAlert error={start.error} /> : null}
        {shown?.needsConfirmation ? (
          <NumberInput
            ref={number}
            size="sm"
            className={styles.confirmNumber}
            label={t(`confirm.${shown.confirmationReason === "destructive" ? "destructive" : "manyHosts"}`, {
              count: shown.hostCount,
            })}
            value={typed}
            onChange={setTyped}
            allowDecimal={false}
            allowNegative={false}
            hideControls
          />
        ) : null}
        <div className={styles.confirmFoot}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.back")}
          </Button>
          <Button
            type="submit"
            ref={go}
            color={shown?.danger === "destructive" && !check ? "red" : "accent"}
            disabled={!confirmed || shown.hostCount === 0}
            loading={start.isPending}
          >
            {t(shown?.needsApproval ? "approval.ask" : check ? "engine.runCheck" : "confirm.run", {
              module: adhoc === undefined ? title : t(`confirm.${adhoc}`),
              count: shown?.hostCount ?? 0,
            })}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

interface PreviewBodyProps {
  readonly preview: RunPreview;
  /** Typed for this once: what it may do, nobody has said. */
  readonly adhoc: boolean;
  readonly title: string;
}

function PreviewBody({ preview, title, adhoc }: PreviewBodyProps) {
  const { t } = useTranslation();
  const tell = useTell();
  const format = useFormat();
  const { hostCount, width, waveSize, maxFailures, timeoutMilliseconds } = preview;
  const pace = [
    t("effect.atOnce", { count: Math.min(width, waveSize ?? width, hostCount) }),
    ...(waveSize === undefined || waveSize >= hostCount
      ? []
      : [t("effect.waves", { count: Math.ceil(hostCount / waveSize) })]),
    ...(maxFailures === undefined ? [] : [t("effect.failures", { count: maxFailures })]),
    t("effect.timeLimit", { time: format.duration(timeoutMilliseconds) }),
  ];
  return (
    <>
      <WaitsNotice waits={preview.waitsFor} />
      <UnusableHosts unusable={preview.unusable} />
      <dl className={styles.facts}>
        <dt>{t(adhoc ? "operate.task" : "confirm.module")}</dt>
        <dd>
          {title} <DangerMark danger={preview.danger} />
        </dd>
        <dt>{t("effect.title")}</dt>
        <dd>{t(preview.check ? "effect.check" : adhoc ? "effect.adhoc" : `effect.${preview.danger}`)}</dd>
        <dt>{t("confirm.hosts", { count: preview.hostCount })}</dt>
        <dd>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
          <code className={styles.hostList} tabIndex={0}>
            {preview.hosts}
          </code>
        </dd>
        <dt>{t("confirm.engines")}</dt>
        <dd>
          {preview.engines.map(({ engine, count, lacks }) => (
            <div key={engine}>
              {`${engine} × ${count}`}
              {lacks.length === 0 ? null : (
                <span className={styles.lacks}> {lacks.map((lack) => t(`engine.lacks.${lack}`)).join(" · ")}</span>
              )}
            </div>
          ))}
        </dd>
        <dt>{t("effect.pace")}</dt>
        <dd>{pace.join(" · ")}</dd>
        {preview.becomeUser === "" ? null : (
          <>
            <dt>{t("confirm.become")}</dt>
            <dd>
              <code>{preview.becomeUser}</code>
            </dd>
          </>
        )}
      </dl>
      {preview.tasks.map((task) => (
        <div key={task.engine}>
          <h3>{t("confirm.runs", { engine: task.engine })}</h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
          <pre className={styles.taskText} tabIndex={0}>
            {task.told
              ? task.text
                  .split("\n")
                  .map((line) => tell(line))
                  .join("\n")
              : task.text}
          </pre>
        </div>
      ))}
      {preview.skipped.length === 0 ? null : (
        <div className={styles.skipped}>
          <h3>{t("confirm.skipped")}</h3>
          <ul>
            {preview.skipped.map((group) => (
              <li key={`${group.reason} ${group.hosts}`}>
                <strong>{group.count}</strong> <code>{group.hosts}</code> <ReasonText text={group.reason} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
