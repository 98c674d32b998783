import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { addressOf } from "../../../src/contract/http/client.ts";
import { client } from "../../api/client.ts";
import { usePreferences } from "../../app/preferences.ts";
import { DangerMark } from "../../components/danger-mark/danger-mark.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { Page } from "../../components/layout/page.tsx";
import { ModuleEditor } from "./module-editor.tsx";
import { ModuleVersions } from "./module-versions.tsx";

/** One module, or a new one (`/modules/new`). */
export function ModuleScene() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const { id } = useParams({ from: "/frame/modules/$id" });
  const isNew = id === "new";
  const module = useQuery({
    queryKey: ["module", Number(id)],
    queryFn: ({ signal }) => client.call("GET /modules/:id", { params: { id: Number(id) }, signal }),
    enabled: !isNew,
  });
  const { data } = module;
  return (
    <Page
      title={isNew ? t("modules.add") : (data?.name[language] ?? "…")}
      above={<Link to="/modules">{t("nav.modules")}</Link>}
      beside={
        data === undefined ? undefined : (
          <>
            <code>{data.key}</code>
            <span>v{data.version}</span>
            <DangerMark danger={data.danger} />
          </>
        )
      }
      actions={
        data === undefined ? undefined : (
          <Button
            variant="default"
            component="a"
            download
            href={addressOf(`/modules/${data.id}/export`, {})}
            leftSection={<IconDownload size={14} />}
          >
            {t("moduleVersions.export")}
          </Button>
        )
      }
    >
      {module.error ? <ProblemAlert error={module.error} /> : null}
      {module.isLoading ? <Loading rows={8} /> : null}
      {isNew ? <ModuleEditor key="new" module={undefined} /> : null}
      {data === undefined ? null : (
        <>
          <ModuleEditor key={`${data.id} ${data.version}`} module={data} />
          <ModuleVersions module={data} />
        </>
      )}
    </Page>
  );
}
