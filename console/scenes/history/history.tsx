import { IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { isFinalRunState } from "../../../src/contract/states.ts";
import { client } from "../../api/client.ts";
import type { Run } from "../../api/types.ts";
import { usePreferences } from "../../app/preferences.ts";
import { Empty } from "../../components/feedback/empty.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { ButtonLink } from "../../components/layout/button-link.tsx";
import { Page } from "../../components/layout/page.tsx";
import { usePhone } from "../../components/layout/use-phone.ts";
import { RunMark } from "../../components/state/state-mark.tsx";
import type { Column } from "../../components/table/column.ts";
import { DataTable } from "../../components/table/data-table.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { runTask } from "../run/run-task.ts";
import { CountsBar } from "./counts-bar.tsx";
import styles from "./history.module.css";
import { RunFilters } from "./run-filters.tsx";
import { type RunsSearch, runsQuery, runsSearchIn } from "./runs-search.ts";
import { SavedViews } from "./saved-views.tsx";

const pageRows = 100;

/** Every run, newest first. The filters stand in the address. */
export function History() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const format = useFormat();
  const phone = usePhone();
  const search = useSearch({ from: "/frame/runs" });
  const navigate = useNavigate();
  const runs = useInfiniteQuery({
    queryKey: ["runs", search],
    queryFn: ({ pageParam, signal }) =>
      client.call("GET /runs", {
        query: { ...runsQuery(search, Date.now()), limit: pageRows, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    refetchInterval: 5_000,
  });
  const rows = runs.data?.pages.flatMap((page) => page.rows) ?? [];
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = runs;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const change = (next: RunsSearch) => void navigate({ to: "/runs", search: runsSearchIn(next), replace: true });
  const filtered = Object.keys(search).length > 0;

  const columns: readonly Column<Run>[] = [
    {
      key: "id",
      header: t("history.number"),
      width: phone ? 52 : 64,
      cell: (run) => (
        <Link to="/runs/$id" params={{ id: String(run.id) }}>
          {run.id}
        </Link>
      ),
    },
    {
      key: "module",
      header: t("history.module"),
      cell: (run) => (
        <>
          <Link to="/runs/$id" params={{ id: String(run.id) }}>
            {run.moduleName[language]}
          </Link>{" "}
          <code className={styles.task} title={runTask(run).line}>
            {runTask(run).line}
          </code>
        </>
      ),
      below: (run) => `${format.dayTime(run.createdAt)} · ${run.requestedBy}`,
    },
    {
      key: "state",
      header: t("history.state"),
      width: phone ? 168 : 180,
      cell: (run) => <RunMark compact state={run.state} needsAttention={run.needsAttention} />,
      below: (run) => <CountsBar run={run} />,
    },
    { key: "counts", header: t("history.hosts"), width: 190, wide: true, cell: (run) => <CountsBar run={run} /> },
    {
      key: "query",
      header: t("run.query"),
      width: 140,
      wide: true,
      cell: (run) => <code title={run.query}>{run.query}</code>,
    },
    { key: "by", header: t("history.by"), width: 96, wide: true, cell: (run) => run.requestedBy },
    {
      key: "at",
      header: t("history.at"),
      width: 172,
      wide: true,
      cell: (run) => format.dateTime(run.createdAt),
    },
    {
      key: "took",
      header: t("run.took"),
      width: 76,
      align: "end",
      wide: true,
      cell: (run) =>
        run.startedAt === undefined || run.finishedAt === undefined ? "" : format.took(run.finishedAt - run.startedAt),
    },
    {
      key: "changes",
      header: t("history.changes"),
      hidden: true,
      width: 116,
      wide: true,
      cell: (run) =>
        isFinalRunState(run.state) ? (
          <Link
            to="/runs/$id"
            params={{ id: String(run.id) }}
            search={{ tab: "compare" }}
            aria-label={t("history.changesOf", { id: run.id })}
          >
            {t("history.changes")}
          </Link>
        ) : null,
    },
  ];

  return (
    <Page title={t("nav.runs")} fill>
      <RunFilters search={search} onSearch={change} />
      <SavedViews search={search} />
      {runs.error ? <ProblemAlert error={runs.error} onRetry={() => void runs.refetch()} /> : null}
      {runs.isLoading ? <Loading rows={12} /> : null}
      {runs.data !== undefined && rows.length === 0 ? (
        <Empty icon={<IconHistory size={28} />} title={t(filtered ? "history.noneFound" : "history.none")}>
          {filtered ? null : <ButtonLink to="/">{t("nav.toOperate")}</ButtonLink>}
        </Empty>
      ) : null}
      {rows.length > 0 ? (
        <DataTable
          label={t("nav.runs")}
          columns={columns}
          rows={rows}
          rowKey={(run) => run.id}
          onNearEnd={more}
          isLoadingMore={isFetchingNextPage}
        />
      ) : null}
    </Page>
  );
}
