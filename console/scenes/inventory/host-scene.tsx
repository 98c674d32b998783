import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { ConfirmDialog } from "../../components/feedback/confirm-dialog.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { Page } from "../../components/layout/page.tsx";
import { ConnectionTest } from "./connection-test.tsx";
import { HostActions } from "./host-actions.tsx";
import { HostDialog } from "./host-dialog.tsx";
import { HostFacts } from "./host-facts.tsx";
import styles from "./host-page.module.css";
import { HostRuns } from "./host-runs.tsx";
import { renewHosts } from "./hosts-cache.ts";
import { LastRun } from "./last-run.tsx";
import { LearntFacts } from "./learnt-facts.tsx";
import { ReportDialog } from "./report-dialog.tsx";

/** One host: what is known of it, whether it can be reached, what it answered last, and what ran there. */
export function HostScene() {
  const { t } = useTranslation();
  const { id } = useParams({ from: "/frame/inventory/hosts/$id" });
  const hostId = Number(id);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<"edit" | "delete" | "report" | undefined>(undefined);
  const found = useQuery({
    queryKey: ["host", hostId],
    queryFn: ({ signal }) => client.call("GET /hosts/:id", { params: { id: hostId }, signal }),
  });
  const remove = useMutation({
    mutationFn: () => client.call("DELETE /hosts/:id", { params: { id: hostId } }),
    onSuccess: async () => {
      await navigate({ to: "/inventory", search: {} });
      await renewHosts(queries);
    },
  });
  const host = found.data?.host;
  const executions = found.data?.executions ?? [];
  const last = executions[0];
  const close = () => setAsked(undefined);
  return (
    <Page
      title={host?.name ?? "…"}
      above={
        <Link to="/inventory" search={{}}>
          {t("nav.inventory")}
        </Link>
      }
      beside={host === undefined || host.enabled ? undefined : t("inventory.disabled")}
      actions={host === undefined ? undefined : <HostActions host={host} onAsk={setAsked} />}
    >
      {found.error ? <ProblemAlert error={found.error} onRetry={() => void found.refetch()} /> : null}
      {found.isLoading ? <Loading rows={8} /> : null}
      {host === undefined ? null : (
        <div className={styles.columns}>
          <div className={styles.column}>
            <HostFacts host={host} />
            <ConnectionTest hostId={host.id} />
            <LearntFacts hostId={host.id} />
          </div>
          <div className={styles.column}>
            {last === undefined ? null : (
              <LastRun
                key={`${last.runId} ${last.position}`}
                execution={last}
                onEnd={() => void queries.invalidateQueries({ queryKey: ["host", hostId] })}
              />
            )}
            <HostRuns executions={executions} />
          </div>
        </div>
      )}
      {asked === "edit" && host !== undefined ? (
        <HostDialog host={host} onClose={close} onSaved={() => void renewHosts(queries)} />
      ) : null}
      {asked === "report" && host !== undefined ? <ReportDialog host={host} onClose={close} /> : null}
      {asked === "delete" && host !== undefined ? (
        <ConfirmDialog
          title={t("inventory.delete")}
          text={t("inventory.deleteHint")}
          action={t("inventory.deleteNamed", { name: host.name })}
          danger
          isPending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={close}
        />
      ) : null}
    </Page>
  );
}
