import { Button } from "@mantine/core";
import { IconCircleCheck, IconCircleX, IconPlugConnected } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { useSession } from "../../api/use-session.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { Panel } from "../../components/layout/panel.tsx";
import { ReasonText } from "../../components/state/reason-text.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./host-page.module.css";

interface ConnectionTestProps {
  readonly hostId: number;
}

/** Connects and signs in to a host, runs nothing, and says how that went. */
export function ConnectionTest({ hostId }: ConnectionTestProps) {
  const { t } = useTranslation();
  const { can } = useSession();
  const format = useFormat();
  const test = useMutation({ mutationFn: () => client.call("POST /hosts/:id/test", { params: { id: hostId } }) });
  if (!can("runs.start")) return null;
  const { data, error } = test;
  return (
    <Panel
      title={t("hostPage.connection")}
      actions={
        <Button
          variant="default"
          leftSection={<IconPlugConnected size={14} />}
          loading={test.isPending}
          onClick={() => test.mutate()}
        >
          {t("host.test")}
        </Button>
      }
    >
      {error ? <ProblemAlert error={error} /> : null}
      <div role="status">
        {data === undefined ? (
          <p className={styles.reason}>{t("hostPage.notTested")}</p>
        ) : (
          <p className={styles.tested} data-ok={data.ok}>
            {data.ok ? <IconCircleCheck size={16} /> : <IconCircleX size={16} />}
            <span>
              <ReasonText text={data.message} />
            </span>
            <span className={styles.took}>{format.duration(data.milliseconds)}</span>
          </p>
        )}
      </div>
    </Panel>
  );
}
