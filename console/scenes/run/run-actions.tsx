import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconDownload, IconPlayerStop, IconRepeat } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { addressOf } from "../../../src/contract/http/client.ts";
import { isFinalRunState } from "../../../src/contract/states.ts";
import type { Execution, Run } from "../../api/types.ts";
import { useSession } from "../../api/use-session.ts";
import { useWaitsForMe } from "./asked-run.ts";
import { ConfirmCancel } from "./confirm-cancel.tsx";
import { ConfirmRerun } from "./confirm-rerun.tsx";
import { type RerunSelection, rerunCount, rerunSelections } from "./rerun-selection.ts";
import styles from "./run.module.css";

interface RunActionsProps {
  readonly run: Run;
  readonly executions: readonly (Execution | undefined)[];
  readonly onStarted: (run: Run) => void;
}

/** Cancel while it goes; once it has ended, run it again or take it along. */
export function RunActions({ run, executions, onStarted }: RunActionsProps) {
  const { t } = useTranslation();
  const { can } = useSession();
  const [asked, setAsked] = useState<"cancel" | RerunSelection | undefined>(undefined);
  const final = isFinalRunState(run.state);
  // Whoever may be its second person rejects it instead.
  const waitsForMe = useWaitsForMe(run);
  const close = () => setAsked(undefined);
  return (
    <div className={styles.actions}>
      {!final && !waitsForMe && can("runs.start") ? (
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
            {rerunSelections.map((selection) => (
              <Menu.Item
                key={selection}
                disabled={rerunCount(run, selection) === 0}
                onClick={() => setAsked(selection)}
              >
                {t(`run.rerun.${selection}`, { count: rerunCount(run, selection) })}
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
          executions={executions}
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
