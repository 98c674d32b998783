import { Switch, TextInput } from "@mantine/core";
import { IconTerminal2 } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { addressOf } from "../../../src/contract/http/client.ts";
import { client } from "../../api/client.ts";
import type { ShellCommand } from "../../api/types.ts";
import { useDebounced } from "../../api/use-debounced.ts";
import { Empty } from "../../components/feedback/empty.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { Filters } from "../../components/layout/filters.tsx";
import { Page } from "../../components/layout/page.tsx";
import { DataTable } from "../../components/table/data-table.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { followShellCommands } from "../../live/shell-stream.ts";
import styles from "./audit.module.css";
import { AuditTabs } from "./audit-tabs.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { HourChart } from "./hour-chart.tsx";
import { hourFilter, lastDay, readHour } from "./hours.ts";

const fields = ["query", "user", "text"] as const;
const mostLive = 2000;

/** Shell commands that people typed on the hosts, newest first, live. What they say is the hosts' word: text, no more. */
export function ShellCommands() {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const search = useSearch({ from: "/frame/audit/shell" });
  const filter = useMemo(
    () => ({ query: search.query ?? "", user: search.user ?? "", text: search.text ?? "" }),
    [search.query, search.user, search.text],
  );
  const asked = useDebounced(filter, 250);
  const given = Object.fromEntries(Object.entries(asked).filter(([, text]) => text.trim() !== ""));
  const hour = readHour(search.hour);
  const narrowed = { ...given, ...hourFilter(hour) };
  const address = new URLSearchParams(
    Object.entries(narrowed).map(([name, value]) => [name, String(value)]),
  ).toString();
  const [isLive, setIsLive] = useState(true);
  const [fresh, setFresh] = useState<readonly ShellCommand[]>([]);
  const [connection, setConnection] = useState<"live" | "waiting">("live");
  const commands = useInfiniteQuery({
    queryKey: ["shell-commands", narrowed],
    queryFn: ({ pageParam, signal }) =>
      client.call("GET /shell-commands", { query: { ...narrowed, limit: 200, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    refetchOnWindowFocus: false,
  });
  const activity = useQuery({
    queryKey: ["shell-activity", given],
    queryFn: async ({ signal }) => {
      const { from, until } = lastDay(Date.now());
      return { until, ...(await client.call("GET /shell-commands/activity", { query: { ...given, from }, signal })) };
    },
    refetchInterval: isLive ? 10_000 : 60_000,
    placeholderData: keepPreviousData,
  });
  const stored = useMemo(() => commands.data?.pages.flatMap((page) => page.rows) ?? [], [commands.data]);
  const rows = useMemo(() => newestFirst(fresh, stored), [fresh, stored]);
  const last = useRef(0);
  last.current = rows.reduce((highest, { id }) => Math.max(highest, id), 0);
  const ready = commands.isSuccess;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter is another stream
  useEffect(() => setFresh([]), [address]);
  useEffect(() => {
    if (!isLive || !ready) return undefined;
    return followShellCommands({
      filter: address,
      last: () => last.current,
      onCommands: (added) => setFresh((before) => newestFirst(added, before).slice(0, mostLive)),
      onConnection: setConnection,
    });
  }, [isLive, ready, address]);
  const setSearch = (change: { query?: string; user?: string; text?: string; hour?: number | undefined }) =>
    void navigate({ to: "/audit/shell", search: { ...search, ...change }, replace: true });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = commands;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <Page
      title={t("nav.audit")}
      fill
      beside={<AuditTabs />}
      actions={
        <>
          <Switch
            label={t("shell.live")}
            checked={isLive}
            onChange={(event) => setIsLive(event.currentTarget.checked)}
          />
          <ExportMenu addressOf={(format) => addressOf("/shell-commands/export", { query: { ...narrowed, format } })} />
        </>
      }
    >
      <Filters
        set={fields.filter((name) => filter[name] !== "").length}
        onClear={() => void navigate({ to: "/audit/shell", search: {}, replace: true })}
      >
        {fields.map((name) => (
          <TextInput
            key={name}
            aria-label={t(`shell.${name === "query" ? "hosts" : name}`)}
            placeholder={t(`shell.${name === "query" ? "hosts" : name}`)}
            value={filter[name]}
            spellCheck={false}
            onChange={(event) => setSearch({ [name]: event.currentTarget.value || undefined })}
          />
        ))}
      </Filters>
      {activity.data === undefined ? null : (
        <HourChart
          of="commands"
          hours={activity.data.hours}
          until={activity.data.until}
          chosen={hour}
          onChoose={(next) => setSearch({ hour: next })}
        />
      )}
      {isLive ? (
        <p className={styles.stream} role="status" data-state={connection}>
          {t(connection === "live" ? "shell.liveOn" : "shell.liveWaiting")}
        </p>
      ) : null}
      {commands.error ? <ProblemAlert error={commands.error} onRetry={() => void commands.refetch()} /> : null}
      {commands.isLoading ? <Loading rows={12} /> : null}
      {ready && rows.length === 0 ? (
        <Empty icon={<IconTerminal2 size={28} />} title={t("shell.none")}>
          {t("shell.noneHint")}
        </Empty>
      ) : null}
      {rows.length === 0 ? null : (
        <DataTable
          label={t("shell.title")}
          rows={rows}
          rowKey={(row) => row.id}
          onNearEnd={more}
          isLoadingMore={isFetchingNextPage}
          columns={[
            { key: "at", header: t("shell.at"), width: 170, wide: true, cell: (row) => format.dateTime(row.typedAt) },
            {
              key: "host",
              header: t("shell.host"),
              width: 140,
              cell: (row) => row.hostName,
              below: (row) => format.dayTime(row.typedAt),
            },
            { key: "user", header: t("shell.user"), width: 90, cell: (row) => <code>{row.user}</code> },
            {
              key: "command",
              header: t("shell.command"),
              cell: (row) => (
                <code className={styles.typed} title={row.command}>
                  {row.command}
                </code>
              ),
            },
          ]}
        />
      )}
    </Page>
  );
}

/** Each once, newest first by when it was typed. */
function newestFirst(fresh: readonly ShellCommand[], known: readonly ShellCommand[]): readonly ShellCommand[] {
  if (fresh.length === 0) return known;
  const byId = new Map([...known, ...fresh].map((command) => [command.id, command]));
  return [...byId.values()].sort((a, b) => b.typedAt - a.typedAt || b.id - a.id);
}
