import { Menu } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { RowPlace } from "../../components/host-tree/virtual-tree.tsx";
import { MoreMenu } from "../../components/layout/more-menu.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import type { CategoryTask } from "./category-dialog.tsx";
import type { CategoryRow } from "./category-rows.ts";
import styles from "./category-tree.module.css";

interface CategoryItemProps {
  readonly place: RowPlace;
  readonly row: CategoryRow;
  readonly isChosen: boolean;
  /** What is dragged can be dropped here. */
  readonly isTarget: boolean;
  readonly onOpen: (open: boolean) => void;
  readonly onChoose: () => void;
  readonly onDrop: () => void;
  /** Undefined: it cannot be dragged. */
  readonly onDrag: ((isDragged: boolean) => void) | undefined;
  /** Undefined: nothing may be changed. */
  readonly onTask: ((task: CategoryTask) => void) | undefined;
}

export function CategoryItem(props: CategoryItemProps) {
  const { place, row, isChosen, isTarget, onOpen, onChoose, onDrop, onDrag, onTask } = props;
  const format = useFormat();
  const [isOver, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys for its rows
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and names the row
    <div
      id={place.id}
      role="treeitem"
      aria-level={row.level}
      aria-posinset={row.place}
      aria-setsize={row.siblings}
      aria-expanded={row.expanded}
      aria-selected={isChosen}
      className={styles.row}
      data-level={row.level}
      data-chosen={isChosen || undefined}
      data-focused={place.isFocused || undefined}
      data-over={(isTarget && isOver) || undefined}
      data-target={isTarget || undefined}
      style={place.style}
      onClick={(event) => {
        const target = event.target as Element;
        if (target.closest("[data-menu]") !== null) return;
        if (row.expanded !== undefined && target.closest("[data-chevron]") !== null) onOpen(!row.expanded);
        else onChoose();
      }}
      draggable={onDrag !== undefined}
      onDragStart={(event) => {
        event.dataTransfer.setData("text/plain", row.name);
        event.dataTransfer.effectAllowed = "move";
        onDrag?.(true);
      }}
      onDragEnd={() => onDrag?.(false)}
      onDragEnter={() => {
        setOver(true);
        if (row.expanded === false && !isTarget) onOpen(true);
      }}
      onDragOver={(event) => {
        if (!isTarget) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "move";
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (isTarget) onDrop();
      }}
    >
      <span className={styles.chevron} data-chevron aria-hidden="true">
        {row.expanded === undefined ? null : <IconChevronRight size={14} data-open={row.expanded} />}
      </span>
      <span className={styles.name} title={row.name}>
        {row.name}
      </span>
      {onTask === undefined || row.category === undefined ? null : (
        <CategoryMenu row={row} isReachable={place.isFocused} onTask={onTask} />
      )}
      <span className={styles.count}>{format.number(row.count ?? 0)}</span>
    </div>
  );
}

interface CategoryMenuProps {
  readonly row: CategoryRow;
  /** Reached by Tab: only the menu of the row that the keys are on. */
  readonly isReachable: boolean;
  readonly onTask: (task: CategoryTask) => void;
}

function CategoryMenu({ row: { category, app, name }, isReachable, onTask }: CategoryMenuProps) {
  const { t } = useTranslation();
  if (category === undefined) return null;
  return (
    <span data-menu>
      <MoreMenu
        look="row"
        label={t("inventory.categoryActions", { name })}
        className={styles.menu}
        tabIndex={isReachable ? 0 : -1}
      >
        {app === undefined ? (
          <>
            <Menu.Item onClick={() => onTask({ kind: "addApp", category })}>{t("inventory.addApp")}</Menu.Item>
            <Menu.Item onClick={() => onTask({ kind: "changeFunction", category })}>{t("inventory.rename")}</Menu.Item>
            <Menu.Item color="red" onClick={() => onTask({ kind: "deleteFunction", category })}>
              {t("inventory.delete")}
            </Menu.Item>
          </>
        ) : (
          <>
            <Menu.Item onClick={() => onTask({ kind: "changeApp", category, app })}>{t("inventory.rename")}</Menu.Item>
            <Menu.Item onClick={() => onTask({ kind: "moveApp", category, app })}>{t("categoryMove.action")}</Menu.Item>
            <Menu.Item color="red" onClick={() => onTask({ kind: "deleteApp", category, app })}>
              {t("inventory.delete")}
            </Menu.Item>
          </>
        )}
      </MoreMenu>
    </span>
  );
}
