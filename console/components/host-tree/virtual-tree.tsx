import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { usePhone } from "../layout/use-phone.ts";
import { type TreeRow, treeMove, typeAhead } from "./tree-row.ts";
import styles from "./virtual-tree.module.css";

/** Where a row stands and what makes it a row of the tree: to be set on its element. */
export interface RowPlace {
  readonly id: string;
  readonly style: CSSProperties;
  readonly isFocused: boolean;
  /** The keys go on from this row. */
  readonly focus: () => void;
}

interface VirtualTreeProps<Row extends TreeRow> {
  readonly label: string;
  readonly className: string | undefined;
  readonly rows: readonly Row[];
  /** Height of a row on a desk; on a phone rows are as high as a finger needs. */
  readonly rowHeight: number;
  readonly multiselectable?: boolean;
  /** The row that the keys are on before they were used. */
  readonly firstFocus?: number;
  /** A row that exists wherever one scrolls. */
  readonly kept?: number | undefined;
  readonly onExpand: (row: Row, expanded: boolean) => void;
  readonly onChoose: (row: Row) => void;
  /** Keys that the tree has no use for. True: the key is used. */
  readonly onKey?: (row: Row | undefined, key: string) => boolean;
  readonly children: (row: Row, place: RowPlace) => ReactNode;
}

const phoneRowHeight = 36;
const typingPauseMilliseconds = 700;

/**
 * Rows of a tree, walked by key after the ARIA tree pattern and found by the first letters of their names. Only the rows
 * in view exist; the tree itself has the focus and names its row, so that scrolling a row away loses nothing.
 */
export function VirtualTree<Row extends TreeRow>(props: VirtualTreeProps<Row>) {
  const { label, className, rows, multiselectable, firstFocus = 0, kept, onExpand, onChoose, onKey } = props;
  const phone = usePhone();
  const rowHeight = phone ? phoneRowHeight : props.rowHeight;
  const prefix = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [focusedId, setFocusedId] = useState<string | undefined>(undefined);
  const typed = useRef({ text: "", at: 0 });
  const focused = Math.max(0, focusedId === undefined ? firstFocus : rows.findIndex(({ id }) => id === focusedId));
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 12,
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      return kept === undefined || shown.includes(kept) ? shown : [...shown, kept];
    },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row height makes all measures anew
  useEffect(() => virtualizer.measure(), [rowHeight]);
  const items = virtualizer.getVirtualItems();

  function focusRow(index: number): void {
    setFocusedId(rows[index]?.id);
    virtualizer.scrollToIndex(index);
  }

  function onKeyDown(event: KeyboardEvent): void {
    // A control inside a row has its keys for itself.
    if (event.target !== scroller.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const pageRows = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const move = treeMove(rows, focused, event.key, pageRows);
    const row = move === undefined ? undefined : rows[move.index];
    if (move === undefined) {
      if (onKey?.(rows[focused], event.key) === true) event.preventDefault();
      else if (event.key.length === 1) type(event);
      return;
    }
    event.preventDefault();
    if (row === undefined) return;
    if (move.kind === "focus") focusRow(move.index);
    else if (move.kind === "choose") onChoose(row);
    else onExpand(row, move.kind === "expand");
  }

  function type({ key, timeStamp }: KeyboardEvent): void {
    const isFresh = timeStamp - typed.current.at > typingPauseMilliseconds;
    typed.current = { text: isFresh ? key : typed.current.text + key, at: timeStamp };
    const found = typeAhead(rows, focused, typed.current.text);
    if (found !== undefined) focusRow(found);
  }

  return (
    <div
      ref={scroller}
      className={`${styles.tree} ${className ?? ""}`}
      role="tree"
      aria-label={label}
      aria-multiselectable={multiselectable}
      tabIndex={0}
      aria-activedescendant={items.some(({ index }) => index === focused) ? `${prefix}-${focused}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div role="none" className={styles.space} style={{ height: virtualizer.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          return props.children(row, {
            id: `${prefix}-${item.index}`,
            style: { height: rowHeight, transform: `translateY(${item.start}px)` },
            isFocused: item.index === focused,
            focus: () => setFocusedId(row.id),
          });
        })}
      </div>
    </div>
  );
}
