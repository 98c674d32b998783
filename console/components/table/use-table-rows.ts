import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { usePhone } from "../layout/use-phone.ts";

interface TableRowsOptions<Row> {
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string | number;
  /** Rows beyond those in view that exist, too. */
  readonly overscan: number;
  /** Called when as many rows as `nearEndRows` or fewer are still to come. */
  readonly onNearEnd?: (() => void) | undefined;
  readonly nearEndRows: number;
}

/** The rows of a table that are in view, all of one height, with the room that the others take before and after them. */
export function useTableRows<Row>({ rows, rowKey, overscan, onNearEnd, nearEndRows }: TableRowsOptions<Row>) {
  const phone = usePhone();
  const rowHeight = phone ? 44 : 32;
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowKey(row);
    },
    overscan,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row height makes all measures anew
  useEffect(() => virtualizer.measure(), [rowHeight]);
  const items = virtualizer.getVirtualItems();
  const isNear = (items.at(-1)?.index ?? 0) >= rows.length - nearEndRows;
  useEffect(() => {
    if (isNear && rows.length > 0) onNearEnd?.();
  }, [isNear, rows.length, onNearEnd]);
  return {
    scroller,
    phone,
    rowHeight,
    items,
    before: items[0]?.start ?? 0,
    after: virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0),
    scrollTo: (index: number) => virtualizer.scrollToIndex(index),
  };
}
