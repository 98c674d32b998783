import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { Empty } from "../../components/feedback/empty.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { Page } from "../../components/layout/page.tsx";
import { Panel } from "../../components/layout/panel.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./controllers.module.css";

/** The controllers and what their engines can do here, or what they lack. */
export function Controllers() {
  const { t } = useTranslation();
  const format = useFormat();
  const status = useQuery({
    queryKey: ["controllers"],
    queryFn: ({ signal }) => client.call("GET /controllers", { signal }),
    refetchInterval: 10_000,
  });
  return (
    <Page title={t("nav.controllers")}>
      {status.error ? <ProblemAlert error={status.error} onRetry={() => void status.refetch()} /> : null}
      {status.isLoading ? <Loading rows={5} /> : null}
      {status.data?.controllers.length === 0 ? <Empty title={t("controllers.none")} /> : null}
      {status.data?.controllers.map((controller) => (
        <Panel
          key={controller.name}
          title={controller.name}
          actions={
            <span className={styles.connection} data-connected={controller.connected}>
              {controller.connected ? <IconCircleCheck size={15} /> : <IconCircleX size={15} />}
              {t(controller.connected ? "controllers.connected" : "controllers.away")}
              {controller.since === undefined
                ? null
                : ` · ${t("controllers.since", { at: format.dateTime(controller.since) })}`}
              {` · ${controller.version}`}
            </span>
          }
        >
          <ul className={styles.engines}>
            {controller.engines.map((engine) => (
              <li key={engine.id} className={styles.engine}>
                <span className={styles.usable} data-usable={engine.usable}>
                  {engine.usable ? <IconCircleCheck size={15} /> : <IconCircleX size={15} />}
                  <strong>{engine.id}</strong>
                  {t(engine.usable ? "controllers.usable" : "controllers.unusable")}
                </span>
                <span className={styles.version}>{engine.version}</span>
                {engine.warning === "" ? null : <p className={styles.warning}>{engine.warning}</p>}
                {engine.usable ? null : (
                  <p>
                    {engine.reason} {engine.mend}
                  </p>
                )}
              </li>
            ))}
          </ul>
        </Panel>
      ))}
    </Page>
  );
}
