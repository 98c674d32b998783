import { Button } from "@mantine/core";
import { IconPlayerPlay, IconPlus, IconServer2 } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { addressOf } from "../../../src/contract/http/client.ts";
import { suggestQuery } from "../../api/suggest-query.ts";
import type { Host } from "../../api/types.ts";
import { useSession } from "../../api/use-session.ts";
import { Empty } from "../../components/feedback/empty.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { GridTable } from "../../components/grid-table/grid-table.tsx";
import { usePhone } from "../../components/layout/use-phone.ts";
import { QueryBox } from "../../components/query-box/query-box.tsx";
import { changeOperate } from "../operate/operate-state.ts";
import { BulkDialog } from "./bulk-dialog.tsx";
import type { BulkTask, DraggedHosts } from "./bulk-task.ts";
import { CellEditor, cellFields } from "./cell-editor.tsx";
import { hostColumns } from "./host-columns.tsx";
import { HostDialog } from "./host-dialog.tsx";
import { isSelected, noSelection, selectedCount, selectionQuery, wholeSelection, withHosts } from "./host-selection.ts";
import { renewHosts } from "./hosts-cache.ts";
import { ImportDialog } from "./import-dialog.tsx";
import styles from "./inventory.module.css";
import { ListTransfer } from "./list-transfer.tsx";
import { SelectionBar } from "./selection-bar.tsx";
import { useHosts } from "./use-hosts.ts";
import { useTypedQuery } from "./use-typed-query.ts";

interface HostListProps {
  readonly query: string;
  readonly onQuery: (query: string) => void;
  /** Hosts begin to be dragged, or no longer are. */
  readonly onDrag: (dragged: DraggedHosts | undefined) => void;
  /** What was dropped on a category. */
  readonly dropped: BulkTask | undefined;
  readonly onDropDone: () => void;
}

/** The hosts that a query matches, all of them for none: edited in place, ticked, and changed together. */
export function HostList({ query, onQuery, onDrag, dropped, onDropDone }: HostListProps) {
  const { t } = useTranslation();
  const { can } = useSession();
  const phone = usePhone();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<"add" | "import" | undefined>(undefined);
  const [task, setTask] = useState<BulkTask | undefined>(undefined);
  const [edited, setEdited] = useState<Host | undefined>(undefined);
  const [selection, setSelection] = useState(noSelection);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was ticked belongs to a query
  useEffect(() => setSelection(noSelection), [query]);
  const hosts = useHosts(query);
  const { isLoading, isLoadingMore, more } = hosts;
  const isFetching = hosts.isFetching && !isLoadingMore;
  const { typed, setTyped, isStill } = useTypedQuery(query, onQuery, isFetching);
  const error = isStill ? hosts.error : null;
  const rows = error === null ? hosts.rows : [];
  const total = error === null ? hosts.total : undefined;
  const may = can("inventory.write");
  const mayConnect = can("hosts.connect");
  const selected = selectedCount(selection, total ?? 0);
  const openHost = useCallback(
    (host: Host) => void navigate({ to: "/inventory/hosts/$id", params: { id: String(host.id) } }),
    [navigate],
  );
  const columns = useMemo(
    () =>
      hostColumns({
        t,
        phone,
        nameOf: (host) => (
          <a
            href={`/inventory/hosts/${host.id}`}
            tabIndex={-1}
            draggable={false}
            onClick={(event) => {
              // With a key held the browser opens it elsewhere.
              if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
              event.preventDefault();
              openHost(host);
            }}
          >
            {host.name}
          </a>
        ),
        onEdit: may ? setEdited : undefined,
        mayConnect,
      }),
    [t, phone, may, mayConnect, openHost],
  );

  function bulk(kind: BulkTask["kind"]): void {
    setTask({ kind, query: selectionQuery(selection, query), count: selected });
  }

  function operateOn(text: string): void {
    changeOperate({ query: text });
    void navigate({ to: "/" });
  }

  function drag(host: Host, transfer: DataTransfer): string {
    const together = isSelected(selection, host.id);
    const dragged = together
      ? { query: selectionQuery(selection, query), count: selected }
      : { query: `id=${host.id}`, count: 1 };
    transfer.setData("text/plain", host.name);
    onDrag(dragged);
    return dragged.count === 1 ? host.name : t("inventory.total", { count: dragged.count });
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
            error={error ?? undefined}
            isLoading={isFetching}
            minRows={1}
            emptyText={total === undefined ? t("query.counting") : t("inventory.total", { count: total })}
          />
        </div>
        <div className={styles.listActions}>
          {can("runs.start") && total !== undefined && total > 0 ? (
            <Button
              variant="default"
              leftSection={<IconPlayerPlay size={14} />}
              onClick={() => operateOn(query === "" ? "all" : query)}
            >
              {t("inventory.operateOn")}
            </Button>
          ) : null}
          <ListTransfer
            exportAddress={addressOf("/hosts/export", { query: { query } })}
            onImport={mayConnect ? () => setDialog("import") : undefined}
          />
          {mayConnect ? (
            <Button leftSection={<IconPlus size={14} />} onClick={() => setDialog("add")}>
              {t("inventory.add")}
            </Button>
          ) : null}
        </div>
      </div>
      {selected > 0 ? (
        <SelectionBar
          count={selected}
          mayChange={may}
          onTask={bulk}
          onOperate={
            can("runs.start") ? () => operateOn(selectionQuery(selection, query === "" ? "all" : query)) : undefined
          }
          onClear={() => setSelection(noSelection)}
        />
      ) : null}
      {isLoading ? <Loading rows={12} /> : null}
      {total === 0 ? (
        <Empty icon={<IconServer2 size={28} />} title={t(query === "" ? "operate.noHosts" : "operate.noMatch")}>
          {query === "" ? <p>{t("operate.noHostsHint")}</p> : null}
        </Empty>
      ) : null}
      {rows.length === 0 || total === undefined ? null : (
        <GridTable
          label={t("inventory.hosts")}
          rows={rows}
          rowKey={(host) => host.id}
          total={total}
          onNearEnd={more}
          isLoadingMore={isLoadingMore}
          columns={columns}
          onOpen={openHost}
          selection={{
            has: (host) => isSelected(selection, host.id),
            all: selected === 0 ? false : selected === total ? true : "some",
            allLabel: t("bulk.selectAll", { count: total }),
            onAll: (all) => setSelection(all ? wholeSelection : noSelection),
            onRows: (hosts, ticked) =>
              setSelection((before) =>
                withHosts(
                  before,
                  hosts.map(({ id }) => id),
                  ticked,
                ),
              ),
          }}
          renderEditor={may ? renderEditor : undefined}
          onDrag={may ? drag : undefined}
          onDragEnd={() => onDrag(undefined)}
          onKey={(event) => {
            if (event.key !== "m" || !may || selected === 0) return;
            event.preventDefault();
            bulk("move");
          }}
        />
      )}
      {dialog === "add" || edited !== undefined ? (
        <HostDialog
          host={edited}
          onClose={() => {
            setDialog(undefined);
            setEdited(undefined);
          }}
          onSaved={() => void renewHosts(queries)}
        />
      ) : null}
      {dialog === "import" ? (
        <ImportDialog onClose={() => setDialog(undefined)} onApplied={() => void renewHosts(queries)} />
      ) : null}
      {(task ?? dropped) === undefined ? null : (
        <BulkDialog
          task={task ?? (dropped as BulkTask)}
          onClose={() => {
            setTask(undefined);
            onDropDone();
          }}
          onDone={() => {
            setSelection(noSelection);
            void renewHosts(queries);
          }}
        />
      )}
    </section>
  );
}

function renderEditor(host: Host, column: string, close: () => void) {
  const field = cellFields.find((known) => known === column);
  return field === undefined ? null : <CellEditor host={host} field={field} onClose={close} />;
}
