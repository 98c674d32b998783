import { Button, Menu } from "@mantine/core";
import {
  IconChevronDown,
  IconDownload,
  IconFileImport,
  IconPlayerPlay,
  IconPlus,
  IconServer2,
} from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { addressOf } from "../../../src/contract/http/client.ts";
import { client } from "../../api/client.ts";
import { suggestQuery } from "../../api/suggest-query.ts";
import type { Host } from "../../api/types.ts";
import { useDebounced } from "../../api/use-debounced.ts";
import { useSession } from "../../api/use-session.ts";
import { Empty } from "../../components/feedback/empty.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { QueryBox } from "../../components/query-box/query-box.tsx";
import { DataTable } from "../../components/table/data-table.tsx";
import { changeOperate } from "../operate/operate-state.ts";
import { BulkDialog } from "./bulk-dialog.tsx";
import { hostColumns } from "./host-columns.tsx";
import { HostDialog } from "./host-dialog.tsx";
import { ImportDialog } from "./import-dialog.tsx";
import styles from "./inventory.module.css";

interface HostListProps {
  readonly query: string;
  readonly onQuery: (query: string) => void;
}

type Dialog = "add" | "import" | "change" | "delete";
const pageRows = 200;

/** The hosts that a query matches, all of them for none, and what can be done with them together. */
export function HostList({ query, onQuery }: HostListProps) {
  const { t } = useTranslation();
  const { can } = useSession();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<Dialog | undefined>(undefined);
  const [edited, setEdited] = useState<Host | undefined>(undefined);
  const [typed, setTyped] = useState(query);
  const still = useDebounced(typed, 200);
  useEffect(() => setTyped(query), [query]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed moves the address
  useEffect(() => {
    if (still !== query && still === typed) onQuery(still);
  }, [still]);
  const hosts = useInfiniteQuery({
    queryKey: ["hosts", query],
    queryFn: ({ pageParam, signal }) =>
      client.call("GET /hosts", { query: { query, limit: pageRows, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: (previous) => previous,
  });
  const rows = hosts.error ? [] : (hosts.data?.pages.flatMap((page) => page.rows) ?? []);
  const total = hosts.error ? undefined : hosts.data?.pages[0]?.total;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = hosts;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const may = can("inventory.write");

  async function renew(): Promise<void> {
    await Promise.all(
      [["hosts"], ["categories"], ["hosts-of-app"], ["match"]].map((queryKey) =>
        queries.invalidateQueries({ queryKey }),
      ),
    );
  }

  return (
    <section className={styles.list} aria-label={t("inventory.hosts")}>
      <div className={styles.listHead}>
        <div className={styles.listQuery}>
          <QueryBox
            label={t("operate.query")}
            value={typed}
            onChange={setTyped}
            placeholder={t("inventory.queryPlaceholder")}
            suggest={suggestQuery}
            matched={total === undefined ? undefined : { count: total, hosts: "" }}
            error={hosts.error ?? undefined}
            isLoading={hosts.isFetching && !isFetchingNextPage}
            minRows={1}
            emptyText={total === undefined ? t("query.counting") : t("inventory.total", { count: total })}
          />
        </div>
        <div className={styles.listActions}>
          {can("runs.start") && total !== undefined && total > 0 ? (
            <Button
              variant="default"
              leftSection={<IconPlayerPlay size={14} />}
              onClick={() => {
                changeOperate({ query: query === "" ? "all" : query });
                void navigate({ to: "/" });
              }}
            >
              {t("inventory.operateOn")}
            </Button>
          ) : null}
          <Button
            variant="default"
            component="a"
            download
            href={addressOf("/hosts/export", { query: { query } })}
            leftSection={<IconDownload size={14} />}
          >
            {t("inventory.export")}
          </Button>
          {may ? (
            <>
              <Menu position="bottom-end">
                <Menu.Target>
                  <Button variant="default" disabled={!total} rightSection={<IconChevronDown size={12} />}>
                    {t("inventory.together")}
                  </Button>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item onClick={() => setDialog("change")}>
                    {t("inventory.changeAll", { count: total ?? 0 })}
                  </Menu.Item>
                  <Menu.Item color="red" onClick={() => setDialog("delete")}>
                    {t("inventory.deleteAll", { count: total ?? 0 })}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
              <Button variant="default" leftSection={<IconFileImport size={14} />} onClick={() => setDialog("import")}>
                {t("inventory.import")}
              </Button>
              <Button leftSection={<IconPlus size={14} />} onClick={() => setDialog("add")}>
                {t("inventory.add")}
              </Button>
            </>
          ) : null}
        </div>
      </div>
      {hosts.isLoading ? <Loading rows={12} /> : null}
      {total === 0 ? (
        <Empty icon={<IconServer2 size={28} />} title={t(query === "" ? "operate.noHosts" : "operate.noMatch")}>
          {query === "" ? <p>{t("operate.noHostsHint")}</p> : null}
        </Empty>
      ) : null}
      {rows.length === 0 ? null : (
        <DataTable
          label={t("inventory.hosts")}
          rows={rows}
          rowKey={(host) => host.id}
          total={total}
          onNearEnd={more}
          isLoadingMore={isFetchingNextPage}
          columns={hostColumns({
            t,
            nameOf: (host) => (
              <Link to="/inventory/hosts/$id" params={{ id: String(host.id) }}>
                {host.name}
              </Link>
            ),
            onEdit: may ? setEdited : undefined,
          })}
        />
      )}
      {dialog === "add" || edited !== undefined ? (
        <HostDialog
          host={edited}
          onClose={() => {
            setDialog(undefined);
            setEdited(undefined);
          }}
          onSaved={() => void renew()}
        />
      ) : null}
      {dialog === "import" ? (
        <ImportDialog onClose={() => setDialog(undefined)} onApplied={() => void renew()} />
      ) : null}
      {dialog === "change" || dialog === "delete" ? (
        <BulkDialog
          kind={dialog}
          query={query === "" ? "enabled=any" : query}
          count={total ?? 0}
          onClose={() => setDialog(undefined)}
          onDone={() => void renew()}
        />
      ) : null}
    </section>
  );
}
