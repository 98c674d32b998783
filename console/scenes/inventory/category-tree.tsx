import { Button } from "@mantine/core";
import { IconFolderPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { useSession } from "../../api/use-session.ts";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { VirtualTree } from "../../components/host-tree/virtual-tree.tsx";
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
  const [task, setTask] = useState<CategoryTask | undefined>(undefined);
  const [closed, setClosed] = useState<ReadonlySet<number>>(new Set());
  const [draggedId, setDraggedId] = useState<string | undefined>(undefined);
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
  const draggedAt = draggedId === undefined ? -1 : rows.findIndex(({ id }) => id === draggedId);
  const dragged = rows[draggedAt];
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

  return (
    <nav className={styles.categories} aria-label={t("inventory.categories")}>
      {categories.error ? <ProblemAlert error={categories.error} onRetry={() => void categories.refetch()} /> : null}
      {categories.isLoading ? <Loading rows={8} /> : null}
      <VirtualTree
        label={t("inventory.categories")}
        className={styles.tree}
        rows={rows}
        rowHeight={28}
        firstFocus={chosen}
        // A row that is gone would never hear that the drag has ended.
        kept={dragged === undefined ? undefined : draggedAt}
        onExpand={setOpen}
        onChoose={(row) => onQuery(row.query)}
        onKey={(row, key) => {
          const renamed = key === "F2" && may ? renameTask(row) : undefined;
          if (renamed !== undefined) setTask(renamed);
          return renamed !== undefined;
        }}
      >
        {(row, place) => (
          <CategoryItem
            key={row.id}
            place={place}
            row={row}
            isChosen={row.query === query}
            isTarget={takesDragged(row)}
            onOpen={(open) => setOpen(row, open)}
            onChoose={() => {
              place.focus();
              onQuery(row.query);
            }}
            onDrop={() => drop(row)}
            onDrag={
              may && row.app !== undefined ? (isDragged) => setDraggedId(isDragged ? row.id : undefined) : undefined
            }
            onTask={may ? setTask : undefined}
          />
        )}
      </VirtualTree>
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
