import { Button, Drawer, TextInput } from "@mantine/core";
import { IconListCheck, IconShieldCheck } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { auditActions } from "../../../src/contract/audit.ts";
import { addressOf } from "../../../src/contract/http/client.ts";
import { client } from "../../api/client.ts";
import type { AuditRecord } from "../../api/types.ts";
import { useDebounced } from "../../api/use-debounced.ts";
import { Empty } from "../../components/feedback/empty.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { Filters } from "../../components/layout/filters.tsx";
import { Page } from "../../components/layout/page.tsx";
import { usePhone } from "../../components/layout/use-phone.ts";
import { SearchSelect } from "../../components/search-select/search-select.tsx";
import { useTell } from "../../components/state/use-tell.ts";
import { DataTable } from "../../components/table/data-table.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./audit.module.css";
import { AuditTabs } from "./audit-tabs.tsx";
import { useAuditTexts } from "./audit-texts.ts";
import { ExportMenu } from "./export-menu.tsx";
import { HourChart } from "./hour-chart.tsx";
import { hourFilter, lastDay, readHour } from "./hours.ts";

const auditFilters = ["actor", "action", "text"] as const;

/** Who did what to which hosts, newest first; written before it happened and chained by hashes. */
export function Audit() {
  const { t } = useTranslation();
  const format = useFormat();
  const tell = useTell();
  const texts = useAuditTexts();
  const phone = usePhone();
  const navigate = useNavigate();
  const search = useSearch({ from: "/frame/audit" });
  const filter = useMemo(
    () => ({ actor: search.actor ?? "", action: search.action ?? "", text: search.text ?? "" }),
    [search.actor, search.action, search.text],
  );
  const [opened, setOpened] = useState<AuditRecord | undefined>(undefined);
  const asked = useDebounced(filter, 250);
  const given = Object.fromEntries(Object.entries(asked).filter(([, text]) => text.trim() !== ""));
  const hour = readHour(search.hour);
  const records = useInfiniteQuery({
    queryKey: ["audit", given, hour],
    queryFn: ({ pageParam, signal }) =>
      client.call("GET /audit", {
        query: { ...given, ...hourFilter(hour), limit: 200, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });
  const activity = useQuery({
    queryKey: ["audit-activity", given],
    queryFn: async ({ signal }) => {
      const { from, until } = lastDay(Date.now());
      return { until, ...(await client.call("GET /audit/activity", { query: { ...given, from }, signal })) };
    },
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  });
  const verify = useMutation({ mutationFn: () => client.call("GET /audit/verify", {}) });
  const rows = records.data?.pages.flatMap((page) => page.rows) ?? [];
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = records;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const checked = verify.data;
  const setSearch = (change: { actor?: string; action?: string; text?: string; hour?: number | undefined }) =>
    void navigate({ to: "/audit", search: { ...search, ...change }, replace: true });
  const setFilter = (name: (typeof auditFilters)[number], value: string) =>
    setSearch({ [name]: value === "" ? undefined : value });
  const field = (name: "actor" | "text") => (
    <TextInput
      aria-label={t(`audit.${name}`)}
      placeholder={t(`audit.${name}`)}
      value={filter[name]}
      spellCheck={false}
      onChange={(event) => setFilter(name, event.currentTarget.value)}
    />
  );
  return (
    <Page
      title={t("nav.audit")}
      fill
      beside={<AuditTabs />}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconShieldCheck size={14} />}
            loading={verify.isPending}
            onClick={() => verify.mutate()}
          >
            {t("audit.verify")}
          </Button>
          <ExportMenu
            addressOf={(format) => addressOf("/audit/export", { query: { ...given, ...hourFilter(hour), format } })}
          />
        </>
      }
    >
      {verify.error ? <ProblemAlert error={verify.error} /> : null}
      {checked === undefined ? null : (
        <p className={styles.verdict} data-ok={checked.ok} role="status">
          {checked.ok
            ? t("audit.holds", { count: checked.records, shown: format.number(checked.records) })
            : t("audit.broken", { seq: checked.seq ?? 0, reason: tell(checked.reason) })}
          {checked.ok ? <code>{checked.lastHash}</code> : null}
        </p>
      )}
      <Filters
        set={auditFilters.filter((name) => filter[name] !== "").length}
        onClear={() => void navigate({ to: "/audit", search: {}, replace: true })}
      >
        {field("actor")}
        <SearchSelect
          aria-label={t("audit.action")}
          placeholder={t("audit.action")}
          data={auditActions.map((action) => ({ value: action, label: texts.action(action) }))}
          value={filter.action === "" ? null : filter.action}
          onChange={(action) => setFilter("action", action ?? "")}
          clearable
        />
        {field("text")}
      </Filters>
      {activity.data === undefined ? null : (
        <HourChart
          of="actions"
          hours={activity.data.hours}
          until={activity.data.until}
          chosen={hour}
          onChoose={(next) => setSearch({ hour: next })}
        />
      )}
      {records.error ? <ProblemAlert error={records.error} onRetry={() => void records.refetch()} /> : null}
      {records.isLoading ? <Loading rows={12} /> : null}
      {records.data !== undefined && rows.length === 0 ? (
        <Empty icon={<IconListCheck size={28} />} title={t("audit.none")} />
      ) : null}
      {rows.length === 0 ? null : (
        <DataTable
          label={t("nav.audit")}
          rows={rows}
          rowKey={(record) => record.seq}
          selectedKey={opened?.seq}
          onNearEnd={more}
          isLoadingMore={isFetchingNextPage}
          columns={[
            {
              key: "seq",
              header: "#",
              width: 70,
              cell: (record) => (
                <button type="button" className={styles.open} onClick={() => setOpened(record)}>
                  {record.seq}
                </button>
              ),
            },
            {
              key: "at",
              header: t("audit.at"),
              width: 180,
              wide: true,
              cell: (record) => format.dateTime(record.at),
            },
            {
              key: "actor",
              header: t("audit.actor"),
              width: phone ? undefined : 100,
              cell: (record) => texts.part(record.actor),
              below: (record) => format.dayTime(record.at),
            },
            {
              key: "action",
              header: t("audit.action"),
              width: 180,
              cell: (record) => <span title={record.action}>{texts.action(record.action)}</span>,
              below: (record) => texts.part(record.object),
            },
            { key: "object", header: t("audit.object"), cell: (record) => texts.part(record.object), wide: true },
            {
              key: "hosts",
              header: t("audit.hosts"),
              wide: true,
              cell: (record) => <code>{texts.part(record.hosts)}</code>,
            },
            {
              key: "source",
              header: t("audit.source"),
              width: 140,
              wide: true,
              cell: (record) => <code>{texts.part(record.source)}</code>,
            },
          ]}
        />
      )}
      <Drawer
        opened={opened !== undefined}
        onClose={() => setOpened(undefined)}
        position="right"
        size="lg"
        title={t("audit.record", { seq: opened?.seq ?? 0 })}
        closeButtonProps={{ "aria-label": t("confirm.close") }}
      >
        {opened === undefined ? null : <RecordDetail record={opened} />}
      </Drawer>
    </Page>
  );
}

interface RecordDetailProps {
  readonly record: AuditRecord;
}

function RecordDetail({ record }: RecordDetailProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const texts = useAuditTexts();
  const facts = [
    ["at", format.dateTime(record.at)],
    ["actor", texts.part(record.actor)],
    ["source", texts.part(record.source)],
    ["action", `${texts.action(record.action)} (${record.action})`],
    ["object", texts.part(record.object)],
    ["hosts", texts.part(record.hosts)],
    ["hash", record.hash],
  ] as const;
  return (
    <div className={styles.detail}>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{t(`audit.${name}`)}</dt>
            <dd>
              <code>{value}</code>
            </dd>
          </div>
        ))}
      </dl>
      <h3>{t("audit.detail")}</h3>
      <pre className={styles.json}>{JSON.stringify(record.detail, null, 2)}</pre>
    </div>
  );
}
