import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { usePreferences } from "../../app/preferences.ts";
import { DangerMark } from "../../components/danger-mark/danger-mark.tsx";
import { Page } from "../../components/layout/page.tsx";
import { lookIn } from "./run-look.ts";
import { RunView } from "./run-view.tsx";

/** One run on a page of its own; what is looked at stands in the address, so that a link shows the same. */
export function RunScene() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const { id } = useParams({ from: "/frame/runs/$id" });
  const look = useSearch({ from: "/frame/runs/$id" });
  const navigate = useNavigate();
  const runId = Number(id);
  const run = useQuery({
    queryKey: ["run", runId],
    queryFn: ({ signal }) => client.call("GET /runs/:id", { params: { id: runId }, signal }),
  });
  return (
    <Page
      title={run.data?.moduleName[language] ?? t("run.number", { id: runId })}
      above={<Link to="/runs">{t("nav.runs")}</Link>}
      beside={
        run.data === undefined ? null : (
          <>
            <span>{t("run.number", { id: runId })}</span>
            <DangerMark danger={run.data.danger} />
          </>
        )
      }
    >
      <RunView
        key={runId}
        runId={runId}
        look={look}
        onLook={(next) => void navigate({ to: "/runs/$id", params: { id }, search: lookIn(next), replace: true })}
        onStarted={(next) => void navigate({ to: "/runs/$id", params: { id: String(next.id) }, search: {} })}
      />
    </Page>
  );
}
