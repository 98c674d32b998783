import { IconChevronRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./host-tree.module.css";
import type { TreeRow } from "./tree-row.ts";
import { VirtualTree } from "./virtual-tree.tsx";

interface HostTreeProps {
  readonly label: string;
  readonly rows: readonly TreeRow[];
  readonly onExpand: (row: TreeRow, expanded: boolean) => void;
  readonly onChoose: (row: TreeRow) => void;
}

/** Categories and hosts with tri-state choice. Only the rows in view exist, so 100,000 hosts cost what 40 cost. */
export function HostTree({ label, rows, onExpand, onChoose }: HostTreeProps) {
  const { t } = useTranslation();
  return (
    <VirtualTree
      label={label}
      className={styles.tree}
      rows={rows}
      rowHeight={26}
      multiselectable
      onExpand={onExpand}
      onChoose={onChoose}
    >
      {(row, { id, style, isFocused, focus }) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys for its rows
        // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and names the row
        <div
          key={row.id}
          id={id}
          role="treeitem"
          aria-level={row.level}
          aria-posinset={row.place}
          aria-setsize={row.siblings}
          aria-expanded={row.expanded}
          aria-checked={row.choice === "some" ? "mixed" : row.choice === "all"}
          aria-busy={row.kind === "loading" || undefined}
          className={styles.row}
          data-kind={row.kind}
          data-level={row.level}
          data-focused={isFocused || undefined}
          data-disabled={row.disabled || undefined}
          style={style}
          onClick={(event) => {
            focus();
            const onChevron = (event.target as Element).closest("[data-chevron]") !== null;
            const onBox = (event.target as Element).closest("[data-box]") !== null;
            if (row.expanded !== undefined && (onChevron || !onBox)) onExpand(row, !row.expanded);
            else onChoose(row);
          }}
        >
          <span className={styles.chevron} data-chevron aria-hidden="true">
            {row.expanded === undefined ? null : <IconChevronRight size={14} data-open={row.expanded} />}
          </span>
          {row.kind === "more" || row.kind === "loading" ? null : (
            <span className={styles.boxArea} data-box aria-hidden="true">
              <span className={styles.box} data-choice={row.choice} />
            </span>
          )}
          <span className={styles.name} title={row.name}>
            {row.name}
          </span>
          {row.note === undefined ? null : <span className={styles.note}>{row.note}</span>}
          {row.count === undefined ? null : (
            <Count count={row.count} label={t("tree.hostCount", { count: row.count })} />
          )}
        </div>
      )}
    </VirtualTree>
  );
}

interface CountProps {
  readonly count: number;
  readonly label: string;
}

function Count({ count, label }: CountProps) {
  const format = useFormat();
  return (
    <span className={styles.count} title={label}>
      {format.number(count)}
    </span>
  );
}
