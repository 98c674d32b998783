import { useTranslation } from "react-i18next";
import type { Column } from "./column.ts";
import styles from "./table.module.css";
import { ColumnHeads, ColumnWidths, Spacer } from "./table-parts.tsx";
import { useTableRows } from "./use-table-rows.ts";

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
  const { label, rows, rowKey, total, onNearEnd, isLoadingMore = false, selectedKey } = props;
  const { t } = useTranslation();
  const { scroller, phone, rowHeight, items, before, after } = useTableRows({
    rows,
    rowKey,
    overscan: 14,
    onNearEnd,
    nearEndRows: 30,
  });
  const columns = props.columns.filter((column) => !phone || column.wide !== true);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    // biome-ignore lint/a11y/useSemanticElements: a scrolled area, not a set of fields
    <div ref={scroller} className={styles.scroller} role="group" aria-label={label} tabIndex={0}>
      <table className={styles.table} aria-rowcount={total ?? rows.length}>
        <colgroup>
          <ColumnWidths columns={columns} />
        </colgroup>
        <thead>
          <tr>
            <ColumnHeads columns={columns} />
          </tr>
        </thead>
        <tbody>
          <Spacer height={before} columns={columns.length} />
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
                {columns.map((column) => (
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
          <Spacer height={after} columns={columns.length} />
        </tbody>
      </table>
      {isLoadingMore ? <p className={styles.more}>{t("feedback.loading")} …</p> : null}
    </div>
  );
}
