import { Button } from "@mantine/core";
import { IconFolderPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { useSession } from "../../api/use-session.ts";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { treeMove, typeAhead } from "../../components/host-tree/tree-row.ts";
import { usePhone } from "../../components/layout/use-phone.ts";
import { CategoryDialog, type CategoryTask } from "./category-dialog.tsx";
import { CategoryItem } from "./category-item.tsx";
import { type CategoryRow, categoryRows } from "./category-rows.ts";
import styles from "./category-tree.module.css";
import { MoveCategory } from "./move-category.tsx";

interface CategoryTreeProps {
  readonly query: string;
  readonly onQuery: (query: string) => void;
  /** Hosts are dragged: app categories take them. */
  readonly isDragging: boolean;
  readonly onDrop: (appCategoryId: number) => void;
}

/** The two levels of categories, virtual: choosing one shows its hosts, a menu changes it, hosts can be dropped on it. */
export function CategoryTree({ query, onQuery, isDragging, onDrop }: CategoryTreeProps) {
  const { t } = useTranslation();
  const { can } = useSession();
  const phone = usePhone();
  const rowHeight = phone ? 36 : 28;
  const prefix = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [task, setTask] = useState<CategoryTask | undefined>(undefined);
  const [closed, setClosed] = useState<ReadonlySet<number>>(new Set());
  const [draggedId, setDraggedId] = useState<string | undefined>(undefined);
  const [focusedId, setFocusedId] = useState<string | undefined>(undefined);
  const typed = useRef({ text: "", at: 0 });
  const categories = useQuery({
    queryKey: ["categories"],
    queryFn: ({ signal }) => client.call("GET /categories", { signal }),
  });
  const tree = categories.data?.functionCategories ?? [];
  const rows = useMemo(
    () => categoryRows(categories.data?.functionCategories ?? [], closed, t("inventory.all")),
    [categories.data, closed, t],
  );
  const chosen = rows.findIndex((row) => row.query === query);
  const focused = Math.max(0, focusedId === undefined ? chosen : rows.findIndex(({ id }) => id === focusedId));
  const draggedAt = draggedId === undefined ? -1 : rows.findIndex(({ id }) => id === draggedId);
  const dragged = rows[draggedAt];
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 12,
    // What is dragged out of view stays: a row that is gone would never hear that the drag has ended.
    rangeExtractor: (range) => [
      ...new Set([...defaultRangeExtractor(range), ...(draggedAt === -1 ? [] : [draggedAt])]),
    ],
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row height makes all measures anew
  useEffect(() => virtualizer.measure(), [rowHeight]);
  const items = virtualizer.getVirtualItems();
  const may = can("inventory.write");

  function setOpen(row: CategoryRow, open: boolean): void {
    const id = row.category?.id;
    if (id === undefined) return;
    const next = new Set(closed);
    if (open) next.delete(id);
    else next.add(id);
    setClosed(next);
  }

  /** Hosts go to an app category, an app category to another function category. */
  function takesDragged(row: CategoryRow): boolean {
    if (dragged === undefined) return isDragging && row.app !== undefined;
    return row.app === undefined && row.category !== undefined && row.category.id !== dragged.category?.id;
  }

  function drop(row: CategoryRow): void {
    if (dragged === undefined) {
      if (row.app !== undefined) onDrop(row.app.id);
    } else if (dragged.app !== undefined && dragged.category !== undefined) {
      setTask({ kind: "moveApp", category: dragged.category, app: dragged.app, into: row.category });
    }
  }

  function focusRow(index: number): void {
    setFocusedId(rows[index]?.id);
    virtualizer.scrollToIndex(index);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.target !== scroller.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const pageRows = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const move = treeMove(rows, focused, event.key, pageRows);
    if (move === undefined) {
      const renamed = event.key === "F2" && may ? renameTask(rows[focused]) : undefined;
      if (renamed !== undefined) setTask(renamed);
      if (event.key.length !== 1) return;
      const fresh = event.timeStamp - typed.current.at > 700;
      typed.current = { text: fresh ? event.key : typed.current.text + event.key, at: event.timeStamp };
      const found = typeAhead(rows, focused, typed.current.text);
      if (found !== undefined) focusRow(found);
      return;
    }
    event.preventDefault();
    const row = rows[move.index];
    if (row === undefined) return;
    if (move.kind === "focus") focusRow(move.index);
    else if (move.kind === "choose") onQuery(row.query);
    else setOpen(row, move.kind === "expand");
  }

  return (
    <nav className={styles.categories} aria-label={t("inventory.categories")}>
      {categories.error ? <ProblemAlert error={categories.error} onRetry={() => void categories.refetch()} /> : null}
      {categories.isLoading ? <Loading rows={8} /> : null}
      <div
        ref={scroller}
        className={styles.tree}
        role="tree"
        aria-label={t("inventory.categories")}
        tabIndex={0}
        aria-activedescendant={items.some(({ index }) => index === focused) ? `${prefix}-${focused}` : undefined}
        onKeyDown={onKeyDown}
      >
        <div role="none" className={styles.space} style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            return row === undefined ? null : (
              <CategoryItem
                key={item.key}
                id={`${prefix}-${item.index}`}
                row={row}
                height={rowHeight}
                start={item.start}
                isChosen={item.index === chosen}
                isFocused={item.index === focused}
                isTarget={takesDragged(row)}
                onOpen={(open) => setOpen(row, open)}
                onChoose={() => {
                  setFocusedId(row.id);
                  onQuery(row.query);
                }}
                onDrop={() => drop(row)}
                onDrag={
                  may && row.app !== undefined ? (isDragged) => setDraggedId(isDragged ? row.id : undefined) : undefined
                }
                onTask={may ? setTask : undefined}
              />
            );
          })}
        </div>
      </div>
      {may ? (
        <Button
          variant="subtle"
          color="gray"
          className={styles.add}
          leftSection={<IconFolderPlus size={14} />}
          onClick={() => setTask({ kind: "addFunction" })}
        >
          {t("inventory.addFunction")}
        </Button>
      ) : null}
      {task === undefined ? null : task.kind === "moveApp" ? (
        <MoveCategory
          task={task}
          tree={tree}
          onClose={() => setTask(undefined)}
          onMoved={(from, to) => {
            if (query === from) onQuery(to);
          }}
        />
      ) : (
        <CategoryDialog task={task} onClose={() => setTask(undefined)} />
      )}
    </nav>
  );
}

function renameTask(row: CategoryRow | undefined): CategoryTask | undefined {
  const { category, app } = row ?? {};
  if (category === undefined) return undefined;
  return app === undefined ? { kind: "changeFunction", category } : { kind: "changeApp", category, app };
}
