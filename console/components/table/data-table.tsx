import { VisuallyHidden } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { usePhone } from "../layout/use-phone.ts";
import styles from "./data-table.module.css";

export interface Column<Row> {
  readonly key: string;
  /** Text of the header; a column with `label` instead shows none. */
  readonly header?: string;
  readonly cell: (row: Row) => ReactNode;
  /** Width in pixels; without it the column shares what is left. */
  readonly width?: number;
  readonly align?: "end";
  /** Left out on a phone. */
  readonly wide?: boolean;
  /** On a phone a second, quiet line of the cell: what columns that are left out there would say. */
  readonly below?: (row: Row) => ReactNode;
  /** Header for screen readers of a column whose header shows nothing. */
  readonly label?: string;
}

interface DataTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string | number;
  /** Number of all rows, when more can be fetched. */
  readonly total?: number | undefined;
  /** Called when the last rows come near; more may be on their way. */
  readonly onNearEnd?: (() => void) | undefined;
  readonly isLoadingMore?: boolean;
  readonly selectedKey?: string | number | undefined;
}

/** Rows of one height in a scrolled area; only those in view exist. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, total, onNearEnd, isLoadingMore = false, selectedKey } = props;
  const { t } = useTranslation();
  const phone = usePhone();
  const rowHeight = phone ? 44 : 32;
  const scroller = useRef<HTMLDivElement>(null);
  const shown = columns.filter((column) => !phone || column.wide !== true);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowKey(row);
    },
    overscan: 14,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row height makes all measures anew
  useEffect(() => virtualizer.measure(), [rowHeight]);
  const items = virtualizer.getVirtualItems();
  const lastInView = items.at(-1)?.index ?? 0;
  const near = lastInView >= rows.length - 30;
  useEffect(() => {
    if (near && rows.length > 0) onNearEnd?.();
  }, [near, rows.length, onNearEnd]);
  const before = items[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    // biome-ignore lint/a11y/useSemanticElements: a scrolled area, not a set of fields
    <div ref={scroller} className={styles.scroller} role="group" aria-label={label} tabIndex={0}>
      <table className={styles.table} aria-rowcount={total ?? rows.length}>
        <colgroup>
          {shown.map((column) => (
            <col key={column.key} style={column.width === undefined ? undefined : { width: column.width }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {shown.map((column) => (
              <th key={column.key} scope="col" data-align={column.align}>
                {column.label === undefined ? column.header : <VisuallyHidden>{column.label}</VisuallyHidden>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 ? <Spacer height={before} columns={shown.length} /> : null}
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <tr
                key={item.key}
                aria-rowindex={item.index + 2}
                style={{ height: rowHeight }}
                data-selected={(selectedKey !== undefined && rowKey(row) === selectedKey) || undefined}
              >
                {shown.map((column) => (
                  <td key={column.key} data-align={column.align}>
                    {column.cell(row)}
                    {phone && column.below !== undefined ? (
                      <div className={styles.below}>{column.below(row)}</div>
                    ) : null}
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 ? <Spacer height={after} columns={shown.length} /> : null}
        </tbody>
      </table>
      {isLoadingMore ? <p className={styles.more}>{t("feedback.loading")} …</p> : null}
    </div>
  );
}

interface SpacerProps {
  readonly height: number;
  readonly columns: number;
}

function Spacer({ height, columns }: SpacerProps) {
  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: room for rows out of view, and no row
    <tr role="presentation">
      <td role="presentation" colSpan={columns} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}
