import { Button } from "@mantine/core";
import { IconServer2 } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "../../components/feedback/confirm-dialog.tsx";
import { Empty } from "../../components/feedback/empty.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellDone, tellFailed } from "../../components/feedback/toasts.tsx";
import { Panel } from "../../components/layout/panel.tsx";
import { ShownOnce } from "../../components/layout/shown-once.tsx";
import styles from "./parts.module.css";
import { refusal, silence } from "./samples.ts";

/** Loading, empty, refused, cut off; what is asked and what is told in passing. */
export function FeedbackParts() {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<"plain" | "danger" | undefined>(undefined);
  const close = () => setAsked(undefined);
  return (
    <>
      <Panel title={t("parts.waiting")}>
        <div data-sample="loading">
          <Loading rows={4} />
        </div>
        <Empty icon={<IconServer2 size={28} />} title={t("operate.noHosts")}>
          <p>{t("operate.noHostsHint")}</p>
          <Button variant="default">{t("parts.button.plain")}</Button>
        </Empty>
      </Panel>
      <Panel title={t("parts.problems")}>
        <ProblemAlert error={refusal} />
        <ProblemAlert error={silence} onRetry={() => undefined} />
      </Panel>
      <Panel title={t("parts.dialogs")}>
        <div className={styles.line}>
          <Button variant="default" onClick={() => setAsked("plain")}>
            {t("parts.ask")}
          </Button>
          <Button variant="default" onClick={() => setAsked("danger")}>
            {t("parts.askNumber")}
          </Button>
          <Button variant="default" onClick={() => tellDone(t("parts.sentence"))}>
            {t("parts.tellDone")}
          </Button>
          <Button variant="default" onClick={() => tellFailed(refusal)}>
            {t("parts.tellFailed")}
          </Button>
        </div>
        <ShownOnce label={t("parts.once")} value="omt_4cQ7…" />
        {asked === undefined ? null : (
          <ConfirmDialog
            title={t("parts.ask")}
            text={t("parts.sentence")}
            action={t(asked === "danger" ? "parts.button.danger" : "parts.button.main")}
            danger={asked === "danger"}
            typedCount={asked === "danger" ? 42 : undefined}
            isPending={false}
            error={undefined}
            onConfirm={close}
            onClose={close}
          />
        )}
      </Panel>
    </>
  );
}
