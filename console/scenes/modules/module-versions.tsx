import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { ModuleDetail } from "../../api/types.ts";
import { useSession } from "../../api/use-session.ts";
import { CodeEditor } from "../../components/code-editor/code-editor.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellFailed } from "../../components/feedback/toasts.tsx";
import { Panel } from "../../components/layout/panel.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./modules.module.css";

interface ModuleVersionsProps {
  readonly module: ModuleDetail;
}

/** Earlier versions to look at, and whether the module is offered. */
export function ModuleVersions({ module }: ModuleVersionsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { can } = useSession();
  const queries = useQueryClient();
  const [looked, setLooked] = useState<number | undefined>(undefined);
  const versions = useQuery({
    queryKey: ["module-versions", module.id],
    queryFn: ({ signal }) => client.call("GET /modules/:id/versions", { params: { id: module.id }, signal }),
  });
  const earlier = useQuery({
    queryKey: ["module", module.id, looked],
    queryFn: ({ signal }) =>
      client.call("GET /modules/:id", { params: { id: module.id }, query: { version: looked }, signal }),
    enabled: looked !== undefined,
  });
  const enable = useMutation({
    mutationFn: (enabled: boolean) =>
      client.call("PATCH /modules/:id", { params: { id: module.id }, body: { enabled } }),
    onError: tellFailed,
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["module", module.id] });
      await queries.invalidateQueries({ queryKey: ["modules"] });
    },
  });
  return (
    <Panel
      title={t("modules.versions")}
      actions={
        can("modules.write") ? (
          <Button variant="default" loading={enable.isPending} onClick={() => enable.mutate(!module.enabled)}>
            {t(module.enabled ? "modules.disable" : "modules.enable")}
          </Button>
        ) : undefined
      }
    >
      {versions.error ? <ProblemAlert error={versions.error} /> : null}
      {versions.isLoading ? <Loading rows={2} /> : null}
      <ul className={styles.versions}>
        {versions.data?.versions.map((version) => (
          <li key={version.version}>
            <button
              type="button"
              aria-pressed={looked === version.version}
              onClick={() => setLooked(looked === version.version ? undefined : version.version)}
            >
              <strong>v{version.version}</strong>
              <span>{format.dateTime(version.updatedAt)}</span>
              <span>{version.updatedBy}</span>
              <code>{version.sha256.slice(0, 12)}</code>
            </button>
          </li>
        ))}
      </ul>
      {looked !== undefined && earlier.data !== undefined ? (
        <CodeEditor
          label={t("modules.sourceOf", { version: looked })}
          value={earlier.data.source}
          onChange={() => {}}
          problems={[]}
          readOnly
        />
      ) : null}
    </Panel>
  );
}
