import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { addressOf } from "../../../src/contract/http/client.ts";
import { client } from "../../api/client.ts";
import { useSession } from "../../api/use-session.ts";
import { usePreferences } from "../../app/preferences.ts";
import { DangerMark } from "../../components/danger-mark/danger-mark.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { ButtonLink } from "../../components/layout/button-link.tsx";
import { Page } from "../../components/layout/page.tsx";
import { copiedSource } from "./copied-source.ts";
import { ModuleEditor } from "./module-editor.tsx";
import { ModuleVersions } from "./module-versions.tsx";
import { newModuleSource } from "./new-module-source.ts";

/** One module, or a new one (`/modules/new`). */
export function ModuleScene() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const { can } = useSession();
  const { id } = useParams({ from: "/frame/modules/$id" });
  const isNew = id === "new";
  const { from } = useSearch({ from: "/frame/modules/$id" });
  const asked = isNew ? from : Number(id);
  const module = useQuery({
    queryKey: ["module", asked],
    queryFn: ({ signal }) => client.call("GET /modules/:id", { params: { id: asked ?? 0 }, signal }),
    enabled: asked !== undefined,
  });
  const data = isNew ? undefined : module.data;
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
          <>
            {can("modules.write") ? (
              <ButtonLink to="/modules/$id" params={{ id: "new" }} search={{ from: data.id }}>
                {t("modules.copy")}
              </ButtonLink>
            ) : null}
            <Button
              variant="default"
              component="a"
              download
              href={addressOf(`/modules/${data.id}/export`, {})}
              leftSection={<IconDownload size={14} />}
            >
              {t("moduleVersions.export")}
            </Button>
          </>
        )
      }
    >
      {module.error ? <ProblemAlert error={module.error} /> : null}
      {module.isLoading ? <Loading rows={8} /> : null}
      {isNew && from === undefined ? <ModuleEditor key="new" module={undefined} begin={newModuleSource} /> : null}
      {isNew && from !== undefined && module.data !== undefined ? (
        <ModuleEditor key={`copy ${from}`} module={undefined} begin={copiedSource(module.data.source)} />
      ) : null}
      {data === undefined ? null : (
        <>
          <ModuleEditor key={`${data.id} ${data.version}`} module={data} begin={data.source} />
          <ModuleVersions module={data} />
        </>
      )}
    </Page>
  );
}
