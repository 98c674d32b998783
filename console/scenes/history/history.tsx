import { Select, TextInput } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { runStates } from "../../../src/contract/states.ts";
import { client } from "../../api/client.ts";
import type { Run } from "../../api/types.ts";
import { usePreferences } from "../../app/preferences.ts";
import { Empty } from "../../components/feedback/empty.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { ButtonLink } from "../../components/layout/button-link.tsx";
import filters from "../../components/layout/filters.module.css";
import { Page } from "../../components/layout/page.tsx";
import { RunMark } from "../../components/state/state-mark.tsx";
import { type Column, DataTable } from "../../components/table/data-table.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { CountsBar } from "./counts-bar.tsx";
import type { RunsSearch } from "./runs-search.ts";

const pageRows = 100;

/** Every run, newest first. The filters stand in the address. */
export function History() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const format = useFormat();
  const search = useSearch({ from: "/frame/runs" });
  const navigate = useNavigate();
  const modules = useQuery({ queryKey: ["modules"], queryFn: ({ signal }) => client.call("GET /modules", { signal }) });
  const runs = useInfiniteQuery({
    queryKey: ["runs", search],
    queryFn: ({ pageParam, signal }) =>
      client.call("GET /runs", { query: { ...search, limit: pageRows, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    refetchInterval: 5_000,
  });
  const rows = runs.data?.pages.flatMap((page) => page.rows) ?? [];
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = runs;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const change = (next: RunsSearch) => void navigate({ to: "/runs", search: next, replace: true });
  const filtered = Object.keys(search).length > 0;

  const columns: readonly Column<Run>[] = [
    {
      key: "id",
      header: t("history.number"),
      width: 64,
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
        <Link to="/runs/$id" params={{ id: String(run.id) }}>
          {run.moduleName[language]}
        </Link>
      ),
    },
    {
      key: "state",
      header: t("history.state"),
      width: 150,
      cell: (run) => <RunMark state={run.state} needsAttention={run.needsAttention} />,
    },
    { key: "counts", header: t("history.hosts"), width: 210, wide: true, cell: (run) => <CountsBar run={run} /> },
    { key: "query", header: t("run.query"), wide: true, cell: (run) => <code title={run.query}>{run.query}</code> },
    { key: "by", header: t("history.by"), width: 110, wide: true, cell: (run) => run.requestedBy },
    {
      key: "at",
      header: t("history.at"),
      width: 180,
      wide: true,
      cell: (run) => format.dateTime(run.createdAt),
    },
    {
      key: "took",
      header: t("run.took"),
      width: 90,
      align: "end",
      wide: true,
      cell: (run) =>
        run.startedAt === undefined || run.finishedAt === undefined
          ? ""
          : format.duration(run.finishedAt - run.startedAt),
    },
  ];

  return (
    <Page title={t("nav.runs")} fill>
      <div className={filters.filters}>
        <Select
          aria-label={t("history.state")}
          placeholder={t("history.anyState")}
          clearable
          data={runStates.map((state) => ({ value: state, label: t(`runState.${state}`) }))}
          value={search.state ?? null}
          onChange={(state) => change({ ...search, state: runStates.find((known) => known === state) })}
        />
        <Select
          aria-label={t("history.module")}
          placeholder={t("history.anyModule")}
          clearable
          searchable
          data={(modules.data?.modules ?? []).map((module) => ({
            value: String(module.id),
            label: module.name[language],
          }))}
          value={search.moduleId === undefined ? null : String(search.moduleId)}
          onChange={(id) => change({ ...search, moduleId: id === null ? undefined : Number(id) })}
        />
        <TextInput
          aria-label={t("history.by")}
          placeholder={t("history.anyone")}
          value={search.requestedBy ?? ""}
          onChange={(event) => change({ ...search, requestedBy: event.currentTarget.value || undefined })}
        />
      </div>
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
