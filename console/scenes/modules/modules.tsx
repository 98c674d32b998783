import { Button, TextInput } from "@mantine/core";
import { IconFileImport, IconPlus, IconPuzzle, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { useSession } from "../../api/use-session.ts";
import { useUsableEngines } from "../../api/use-usable-engines.ts";
import { usePreferences } from "../../app/preferences.ts";
import { DangerMark } from "../../components/danger-mark/danger-mark.tsx";
import { Empty } from "../../components/feedback/empty.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { ButtonLink } from "../../components/layout/button-link.tsx";
import filters from "../../components/layout/filters.module.css";
import { Page } from "../../components/layout/page.tsx";
import { usePhone } from "../../components/layout/use-phone.ts";
import { findEntries } from "../../components/palette/find-entries.ts";
import { moduleEntry } from "../../components/palette/module-entry.ts";
import { DataTable } from "../../components/table/data-table.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { ImportModules } from "./import-modules.tsx";
import styles from "./modules.module.css";

/** The catalogue of what can be run. */
export function Modules() {
  const { t } = useTranslation();
  const phone = usePhone();
  const { language } = usePreferences();
  const { can } = useSession();
  const format = useFormat();
  const [search, setSearch] = useState("");
  const [isImporting, setImporting] = useState(false);
  const modules = useQuery({ queryKey: ["modules"], queryFn: ({ signal }) => client.call("GET /modules", { signal }) });
  const usable = useUsableEngines();
  const entries = useMemo(
    () => (modules.data?.modules ?? []).map((module) => ({ ...moduleEntry(module), module })),
    [modules.data],
  );
  const rows = useMemo(() => findEntries(entries, search).map(({ module }) => module), [entries, search]);
  return (
    <Page
      title={t("nav.modules")}
      fill
      actions={
        can("modules.write") ? (
          <>
            <Button variant="default" leftSection={<IconFileImport size={14} />} onClick={() => setImporting(true)}>
              {t("moduleImport.title")}
            </Button>
            <ButtonLink to="/modules/$id" params={{ id: "new" }} variant="filled" leftSection={<IconPlus size={14} />}>
              {t("modules.add")}
            </ButtonLink>
          </>
        ) : undefined
      }
    >
      <div className={filters.filters}>
        <TextInput
          aria-label={t("modules.search")}
          placeholder={t("modules.searchHint")}
          leftSection={<IconSearch size={14} />}
          className={styles.search}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      </div>
      {modules.error ? <ProblemAlert error={modules.error} onRetry={() => void modules.refetch()} /> : null}
      {modules.isLoading ? <Loading rows={7} /> : null}
      {modules.data !== undefined && rows.length === 0 ? (
        <Empty icon={<IconPuzzle size={28} />} title={t("modules.none")} />
      ) : null}
      {rows.length === 0 ? null : (
        <DataTable
          label={t("nav.modules")}
          rows={rows}
          rowKey={(module) => module.id}
          columns={[
            { key: "id", header: t("history.number"), width: 70, cell: (module) => <code>{module.id}</code> },
            {
              key: "name",
              header: t("modules.name"),
              width: phone ? undefined : 220,
              cell: (module) => (
                <Link to="/modules/$id" params={{ id: String(module.id) }}>
                  {module.name[language]}
                </Link>
              ),
            },
            {
              key: "danger",
              header: t("modules.danger"),
              width: 110,
              cell: (module) => <DangerMark danger={module.danger} />,
            },
            {
              key: "about",
              header: t("modules.description"),
              wide: true,
              cell: (module) => <span title={module.description[language]}>{module.description[language]}</span>,
            },
            {
              key: "key",
              header: t("modules.key"),
              width: 150,
              wide: true,
              cell: (module) => <code>{module.key}</code>,
            },
            {
              key: "engines",
              header: t("modules.engines"),
              width: 150,
              wide: true,
              cell: (module) => module.engines.filter((id) => usable?.includes(id)).join(", "),
            },
            {
              key: "version",
              header: t("modules.version"),
              width: 70,
              wide: true,
              cell: (module) => `v${module.version}`,
            },
            {
              key: "origin",
              header: t("modules.origin"),
              width: 160,
              wide: true,
              cell: (module) =>
                [
                  module.builtIn ? t("modules.builtIn") : module.updatedBy,
                  module.enabled ? (module.builtIn ? "" : format.dayTime(module.updatedAt)) : t("modules.disabled"),
                ]
                  .filter((part) => part !== "")
                  .join(" · "),
            },
          ]}
        />
      )}
      {isImporting ? <ImportModules onClose={() => setImporting(false)} /> : null}
    </Page>
  );
}
