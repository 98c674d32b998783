import { Button, Menu, Modal, NumberInput } from "@mantine/core";
import { IconChevronDown, IconDownload, IconPlayerStop, IconRepeat } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OmError } from "../../../src/contract/errors.ts";
import { addressOf } from "../../../src/contract/http/client.ts";
import { isFinalRunState } from "../../../src/contract/states.ts";
import { client } from "../../api/client.ts";
import type { Run } from "../../api/types.ts";
import { useSession } from "../../api/use-session.ts";
import { usePreferences } from "../../app/preferences.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import styles from "./run.module.css";

interface RunActionsProps {
  readonly run: Run;
  readonly onStarted: (run: Run) => void;
}

const selections = ["all", "not_ok", "failed", "unknown"] as const;
type RerunSelection = (typeof selections)[number];

/** Cancel while it goes; once it has ended, run it again or take it along. */
export function RunActions({ run, onStarted }: RunActionsProps) {
  const { t } = useTranslation();
  const { can } = useSession();
  const [asked, setAsked] = useState<"cancel" | RerunSelection | undefined>(undefined);
  const final = isFinalRunState(run.state);
  const close = () => setAsked(undefined);
  return (
    <div className={styles.actions}>
      {!final && can("runs.start") ? (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={14} />}
          disabled={run.state === "cancelling"}
          onClick={() => setAsked("cancel")}
        >
          {t(run.state === "cancelling" ? "run.cancelling" : "run.cancel")}
        </Button>
      ) : null}
      {final && can("runs.start") ? (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button
              variant="default"
              leftSection={<IconRepeat size={14} />}
              rightSection={<IconChevronDown size={12} />}
            >
              {t("run.again")}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {selections.map((selection) => (
              <Menu.Item key={selection} disabled={countOf(run, selection) === 0} onClick={() => setAsked(selection)}>
                {t(`run.rerun.${selection}`, { count: countOf(run, selection) })}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      ) : null}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<IconDownload size={14} />}
            rightSection={<IconChevronDown size={12} />}
          >
            {t("run.export")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(["text", "jsonl", "csv"] as const).map((format) => (
            <Menu.Item
              key={format}
              component="a"
              href={addressOf("/runs/:id/export", { params: { id: run.id }, query: { format } })}
              download
            >
              {t(`run.exportAs.${format}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {asked === "cancel" ? <ConfirmCancel run={run} onClose={close} /> : null}
      {asked !== undefined && asked !== "cancel" ? (
        <ConfirmRerun
          run={run}
          selection={asked}
          onClose={close}
          onStarted={(next) => {
            close();
            onStarted(next);
          }}
        />
      ) : null}
    </div>
  );
}

interface ConfirmCancelProps {
  readonly run: Run;
  readonly onClose: () => void;
}

function ConfirmCancel({ run, onClose }: ConfirmCancelProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const open = (run.counts.pending ?? 0) + (run.counts.dispatching ?? 0) + (run.counts.running ?? 0);
  const cancel = useMutation({
    mutationFn: () => client.call("POST /runs/:id/cancel", { params: { id: run.id } }),
    onSuccess: onClose,
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("run.cancelTitle", { id: run.id, module: run.moduleName[language] })}
      closeButtonProps={{ "aria-label": t("confirm.close") }}
    >
      <p>{t("run.cancelHint")}</p>
      {cancel.error ? <ProblemAlert error={cancel.error} /> : null}
      <div className={styles.dialogFoot}>
        <Button variant="default" onClick={onClose}>
          {t("run.keepRunning")}
        </Button>
        <Button color="red" data-autofocus loading={cancel.isPending} onClick={() => cancel.mutate()}>
          {t("run.cancelOn", { count: open })}
        </Button>
      </div>
    </Modal>
  );
}

interface ConfirmRerunProps {
  readonly run: Run;
  readonly selection: RerunSelection;
  readonly onClose: () => void;
  readonly onStarted: (run: Run) => void;
}

function ConfirmRerun({ run, selection, onClose, onStarted }: ConfirmRerunProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const [typed, setTyped] = useState<string | number>("");
  const settings = useQuery({
    queryKey: ["settings"],
    queryFn: ({ signal }) => client.call("GET /settings", { signal }),
  });
  const count = countOf(run, selection);
  const rerun = useMutation({
    mutationFn: () =>
      client.call("POST /runs/:id/rerun", {
        params: { id: run.id },
        body: { selection, ...(typed === "" ? {} : { confirmHostCount: Number(typed) }) },
      }),
    onSuccess: onStarted,
  });
  const refused = rerun.error instanceof OmError && rerun.error.code === "run.confirmation";
  const asksNumber = refused || run.danger === "destructive" || count > (settings.data?.confirmAboveHosts ?? count);
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("run.rerunTitle", { id: run.id })}
      closeButtonProps={{ "aria-label": t("confirm.close") }}
    >
      <form
        className={styles.dialog}
        onSubmit={(event) => {
          event.preventDefault();
          rerun.mutate();
        }}
      >
        <p>{t(selection === "unknown" ? "run.rerunUnknownHint" : "run.rerunHint")}</p>
        {asksNumber ? (
          <NumberInput
            data-autofocus
            label={t("confirm.manyHosts", { count })}
            value={typed}
            onChange={setTyped}
            allowDecimal={false}
            hideControls
          />
        ) : null}
        {rerun.error ? <ProblemAlert error={rerun.error} /> : null}
        <div className={styles.dialogFoot}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.back")}
          </Button>
          <Button
            type="submit"
            data-autofocus={asksNumber ? undefined : true}
            loading={rerun.isPending}
            disabled={asksNumber && typed === ""}
          >
            {t("confirm.run", { module: run.moduleName[language], count })}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** How many hosts a rerun takes, as far as the run itself knows. */
function countOf(run: Run, selection: RerunSelection): number {
  const { counts } = run;
  const failed = (counts.failed ?? 0) + (counts.timed_out ?? 0) + (counts.unreachable ?? 0);
  switch (selection) {
    case "all":
      return run.hostCount;
    case "failed":
      return failed;
    case "unknown":
      return counts.unknown ?? 0;
    case "not_ok":
      return failed + (counts.unknown ?? 0) + (counts.cancelled ?? 0) + (counts.not_started ?? 0);
  }
}
