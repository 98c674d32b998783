import { Button, SegmentedControl, Select } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { addressOf } from "../../../src/contract/http/client.ts";
import { client } from "../../api/client.ts";
import type { ModuleDetail } from "../../api/types.ts";
import { useSession } from "../../api/use-session.ts";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellFailed } from "../../components/feedback/toasts.tsx";
import { Panel } from "../../components/layout/panel.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./modules.module.css";
import { VersionLook } from "./version-look.tsx";

interface ModuleVersionsProps {
  readonly module: ModuleDetail;
}

/** Every version: what it changed against another one, its text, and its file. And whether the module is offered. */
export function ModuleVersions({ module }: ModuleVersionsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { can } = useSession();
  const queries = useQueryClient();
  const [looked, setLooked] = useState<number | undefined>(undefined);
  const [against, setAgainst] = useState<number | undefined>(undefined);
  const [part, setPart] = useState<"changes" | "text">("changes");
  const versions = useQuery({
    queryKey: ["module-versions", module.id],
    queryFn: ({ signal }) => client.call("GET /modules/:id/versions", { params: { id: module.id }, signal }),
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
  const list = versions.data?.versions ?? [];
  const others = list.filter(({ version }) => version !== looked).map(({ version }) => version);
  // Newest first: the first of the smaller ones is the one before.
  const before = others.find((version) => version < (looked ?? 0)) ?? others[0];
  const other = against !== undefined && against !== looked ? against : before;
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
        {list.map((version) => (
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
      {looked === undefined ? null : (
        <>
          <div className={styles.lookTools}>
            <SegmentedControl
              aria-label={t("moduleVersions.show")}
              value={other === undefined ? "text" : part}
              onChange={(value) => setPart(value === "text" ? "text" : "changes")}
              disabled={other === undefined}
              data={[
                { value: "changes", label: t("moduleVersions.changes") },
                { value: "text", label: t("modules.source") },
              ]}
            />
            {other === undefined || part === "text" ? null : (
              <Select
                aria-label={t("moduleVersions.against")}
                allowDeselect={false}
                data={others.map((version) => ({
                  value: String(version),
                  label: t("moduleVersions.againstVersion", { version }),
                }))}
                value={String(other)}
                onChange={(value) => setAgainst(value === null ? undefined : Number(value))}
              />
            )}
            <Button
              variant="default"
              component="a"
              download
              href={addressOf(`/modules/${module.id}/export`, { query: { version: looked } })}
              leftSection={<IconDownload size={14} />}
            >
              {t("moduleVersions.exportVersion", { version: looked })}
            </Button>
          </div>
          <VersionLook moduleId={module.id} version={looked} against={part === "text" ? undefined : other} />
        </>
      )}
    </Panel>
  );
}
