import { Button } from "@mantine/core";
import { IconPencil, IconPlayerPlay, IconPlugConnected, IconTerminal2, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { useSession } from "../../api/use-session.ts";
import { usePreferences } from "../../app/preferences.ts";
import { ConfirmDialog } from "../../components/feedback/confirm-dialog.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellDone, tellFailed } from "../../components/feedback/toasts.tsx";
import { Page } from "../../components/layout/page.tsx";
import { Panel } from "../../components/layout/panel.tsx";
import { ReasonText } from "../../components/state/reason-text.tsx";
import { ExecutionMark } from "../../components/state/state-mark.tsx";
import { DataTable } from "../../components/table/data-table.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { changeOperate } from "../operate/operate-state.ts";
import { quoteName } from "../operate/query-text.ts";
import { endText } from "../run/end-text.ts";
import { HostDialog } from "./host-dialog.tsx";
import { HostFacts } from "./host-facts.tsx";
import styles from "./inventory.module.css";
import { LearntFacts } from "./learnt-facts.tsx";
import { ReportDialog } from "./report-dialog.tsx";

/** One host: what is known of it, whether it can be reached, and what ran there. */
export function HostScene() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const format = useFormat();
  const { can } = useSession();
  const { id } = useParams({ from: "/frame/inventory/hosts/$id" });
  const hostId = Number(id);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<"edit" | "delete" | "report" | undefined>(undefined);
  const found = useQuery({
    queryKey: ["host", hostId],
    queryFn: ({ signal }) => client.call("GET /hosts/:id", { params: { id: hostId }, signal }),
  });
  const test = useMutation({ mutationFn: () => client.call("POST /hosts/:id/test", { params: { id: hostId } }) });
  const forget = useMutation({
    mutationFn: () => client.call("DELETE /hosts/:id/key", { params: { id: hostId } }),
    onSuccess: () => tellDone(t("host.keyForgotten")),
    onError: tellFailed,
  });
  const renew = () =>
    Promise.all(
      [["host", hostId], ["hosts"], ["categories"], ["hosts-of-app"], ["match"]].map((queryKey) =>
        queries.invalidateQueries({ queryKey }),
      ),
    );
  const remove = useMutation({
    mutationFn: () => client.call("DELETE /hosts/:id", { params: { id: hostId } }),
    onSuccess: async () => {
      await navigate({ to: "/inventory", search: {} });
      await renew();
    },
  });
  const host = found.data?.host;
  return (
    <Page
      title={host?.name ?? "…"}
      above={
        <Link to="/inventory" search={{}}>
          {t("nav.inventory")}
        </Link>
      }
      actions={
        host === undefined ? undefined : (
          <>
            {can("runs.start") ? (
              <>
                <Button
                  variant="default"
                  leftSection={<IconPlayerPlay size={14} />}
                  onClick={() => {
                    changeOperate({ query: quoteName(host.name) });
                    void navigate({ to: "/" });
                  }}
                >
                  {t("host.operate")}
                </Button>
                <Button
                  variant="default"
                  leftSection={<IconPlugConnected size={14} />}
                  loading={test.isPending}
                  onClick={() => test.mutate()}
                >
                  {t("host.test")}
                </Button>
              </>
            ) : null}
            {can("settings.manage") ? (
              <Button variant="default" loading={forget.isPending} onClick={() => forget.mutate()}>
                {t("host.forgetKey")}
              </Button>
            ) : null}
            {can("inventory.write") ? (
              <>
                <Button variant="default" leftSection={<IconPencil size={14} />} onClick={() => setAsked("edit")}>
                  {t("inventory.edit")}
                </Button>
                <Button variant="default" leftSection={<IconTerminal2 size={14} />} onClick={() => setAsked("report")}>
                  {t("shell.report")}
                </Button>
                <Button variant="default" leftSection={<IconTrash size={14} />} onClick={() => setAsked("delete")}>
                  {t("inventory.delete")}
                </Button>
              </>
            ) : null}
          </>
        )
      }
    >
      {found.error ? <ProblemAlert error={found.error} /> : null}
      {found.isLoading ? <Loading rows={8} /> : null}
      {test.error ? <ProblemAlert error={test.error} /> : null}
      {test.data === undefined ? null : (
        <p className={styles.tested} data-ok={test.data.ok} role="status">
          {test.data.message} · {format.duration(test.data.milliseconds)}
        </p>
      )}
      {host === undefined ? null : <HostFacts host={host} />}
      {host === undefined ? null : <LearntFacts hostId={host.id} />}
      {found.data === undefined ? null : (
        <Panel title={t("host.runs")}>
          {found.data.executions.length === 0 ? <p className={styles.about}>{t("host.noRuns")}</p> : null}
          {found.data.executions.length === 0 ? null : (
            <DataTable
              label={t("host.runs")}
              rows={found.data.executions}
              rowKey={(one) => `${one.runId} ${one.position}`}
              columns={[
                {
                  key: "run",
                  header: t("history.number"),
                  width: 70,
                  cell: (one) => (
                    <Link to="/runs/$id" params={{ id: String(one.runId) }} search={{ host: one.position }}>
                      {one.runId}
                    </Link>
                  ),
                },
                { key: "module", header: t("history.module"), cell: (one) => one.moduleName[language] },
                {
                  key: "state",
                  header: t("history.state"),
                  cell: (one) => <ExecutionMark state={one.state} detail={endText(one, t)} />,
                },
                {
                  key: "at",
                  header: t("run.started"),
                  wide: true,
                  cell: (one) => (one.startedAt === undefined ? "" : format.dateTime(one.startedAt)),
                },
                {
                  key: "reason",
                  header: t("host.reason"),
                  wide: true,
                  cell: (one) => <ReasonText text={one.reason} />,
                },
              ]}
            />
          )}
        </Panel>
      )}
      {asked === "edit" && host !== undefined ? (
        <HostDialog host={host} onClose={() => setAsked(undefined)} onSaved={() => void renew()} />
      ) : null}
      {asked === "report" && host !== undefined ? (
        <ReportDialog host={host} onClose={() => setAsked(undefined)} />
      ) : null}
      {asked === "delete" && host !== undefined ? (
        <ConfirmDialog
          title={t("inventory.delete")}
          text={t("inventory.deleteHint")}
          action={t("inventory.deleteNamed", { name: host.name })}
          danger
          isPending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsked(undefined)}
        />
      ) : null}
    </Page>
  );
}
