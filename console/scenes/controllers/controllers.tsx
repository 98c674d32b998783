import { Button, UnstyledButton } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { keyringEngines } from "../../../src/contract/engine.ts";
import { controllersQuery } from "../../api/controllers-query.ts";
import { useSession } from "../../api/use-session.ts";
import { Empty } from "../../components/feedback/empty.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { Page } from "../../components/layout/page.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { ControllerDetail } from "./controller-detail.tsx";
import styles from "./controllers.module.css";
import { HealthMark } from "./health-mark.tsx";
import { HostKeys } from "./host-keys.tsx";
import { InviteDialog } from "./invite-dialog.tsx";
import { loadText } from "./load-text.ts";

/** The controllers, how each of them stands, and one of them in full. */
export function Controllers() {
  const { t } = useTranslation();
  const format = useFormat();
  const { can } = useSession();
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const [isInviting, setInviting] = useState(false);
  const status = useQuery({ ...controllersQuery, refetchInterval: 5000 });
  const rows = status.data?.controllers ?? [];
  const shown = rows.find(({ name }) => name === chosen) ?? rows[0];
  return (
    <Page
      title={t("nav.controllers")}
      actions={
        can("controllers.manage") ? (
          <Button leftSection={<IconPlus size={14} />} onClick={() => setInviting(true)}>
            {t("invite.title")}
          </Button>
        ) : null
      }
    >
      {status.error ? <ProblemAlert error={status.error} onRetry={() => void status.refetch()} /> : null}
      {status.isLoading ? <Loading rows={5} /> : null}
      {status.data !== undefined && rows.length === 0 ? <Empty title={t("controllers.none")} /> : null}
      {rows.length === 0 ? null : (
        <table className={styles.table} aria-label={t("controllers.list")}>
          <thead>
            <tr>
              <th scope="col">{t("controllers.name")}</th>
              <th scope="col">{t("zones.zone")}</th>
              <th scope="col">{t("controllers.standing")}</th>
              <th scope="col">{t("controllers.load")}</th>
              <th scope="col">{t("controllers.engines")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((controller) => (
              <tr key={controller.name}>
                <th scope="row">
                  <UnstyledButton
                    className={styles.name}
                    aria-pressed={controller.name === shown?.name}
                    onClick={() => setChosen(controller.name)}
                  >
                    {controller.name}
                  </UnstyledButton>
                </th>
                <td>{controller.zone}</td>
                <td>
                  <HealthMark controller={controller} />
                </td>
                <td>{loadText(controller, t, format)}</td>
                <td>
                  {t("controllers.enginesText", {
                    usable: controller.engines.filter(({ usable }) => usable).length,
                    all: controller.engines.length,
                  })}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {shown === undefined ? null : <ControllerDetail key={shown.name} controller={shown} all={rows} />}
      {shown?.connected && can("keys.manage")
        ? keyringEngines
            .filter((id) => shown.engines.some((engine) => engine.id === id && engine.usable))
            .map((id) => <HostKeys key={`${shown.name} ${id}`} controller={shown.name} engine={id} />)
        : null}
      {isInviting ? <InviteDialog onClose={() => setInviting(false)} /> : null}
    </Page>
  );
}
