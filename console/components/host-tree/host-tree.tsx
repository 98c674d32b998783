import { IconChevronRight } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../i18n/use-format.ts";
import { usePhone } from "../layout/use-phone.ts";
import styles from "./host-tree.module.css";
import { type TreeRow, treeMove, typeAhead } from "./tree-row.ts";

interface HostTreeProps {
  readonly label: string;
  readonly rows: readonly TreeRow[];
  readonly onExpand: (row: TreeRow, expanded: boolean) => void;
  readonly onChoose: (row: TreeRow) => void;
}

/** Categories and hosts with tri-state choice. Only the rows in view exist, so 100,000 hosts cost what 40 cost. */
export function HostTree({ label, rows, onExpand, onChoose }: HostTreeProps) {
  const { t } = useTranslation();
  const phone = usePhone();
  const rowHeight = phone ? 36 : 26;
  const prefix = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [focusedId, setFocusedId] = useState<string | undefined>(undefined);
  const typed = useRef({ text: "", at: 0 });
  const focused = Math.max(
    0,
    rows.findIndex((row) => row.id === focusedId),
  );
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 12,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row height makes all measures anew
  useEffect(() => virtualizer.measure(), [rowHeight]);

  function focusRow(index: number): void {
    setFocusedId(rows[index]?.id);
    virtualizer.scrollToIndex(index);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const pageRows = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const move = treeMove(rows, focused, event.key, pageRows);
    if (move === undefined) {
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
    else if (move.kind === "choose") onChoose(row);
    else onExpand(row, move.kind === "expand");
  }

  return (
    <div
      ref={scroller}
      className={styles.tree}
      role="tree"
      aria-label={label}
      aria-multiselectable="true"
      tabIndex={0}
      aria-activedescendant={rows.length === 0 ? undefined : `${prefix}-${focused}`}
      onKeyDown={onKeyDown}
    >
      <div role="none" className={styles.space} style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys for its rows
            // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and names the row
            <div
              key={item.key}
              id={`${prefix}-${item.index}`}
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
              data-focused={item.index === focused || undefined}
              data-disabled={row.disabled || undefined}
              style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
              onClick={(event) => {
                setFocusedId(row.id);
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
          );
        })}
      </div>
    </div>
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
