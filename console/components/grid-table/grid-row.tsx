import { memo, type ReactNode } from "react";
import type { GridColumn } from "./grid-column.ts";
import styles from "./grid-table.module.css";

interface GridRowProps<Row> {
  readonly row: Row;
  readonly index: number;
  readonly height: number;
  readonly idPrefix: string;
  readonly columns: readonly GridColumn<Row>[];
  readonly selectable: boolean;
  readonly selected: boolean;
  /** Column of the cell that the keys act on, when it is in this row. */
  readonly activeColumn: number | undefined;
  /** In place of the active cell's content, while it is edited. */
  readonly editor: ReactNode;
}

/** A row of a grid. It renders anew only when something of it changes; the grid takes its clicks and keys. */
function Row<Row>(props: GridRowProps<Row>) {
  const { row, index, height, idPrefix, columns, selectable, selected, activeColumn, editor } = props;
  return (
    <tr
      aria-rowindex={index + 2}
      aria-selected={selectable ? selected : undefined}
      style={{ height }}
      data-row={index}
      data-selected={selected || undefined}
    >
      {selectable ? (
        <td className={styles.mark} data-mark aria-hidden="true" draggable>
          <span className={styles.box} data-checked={selected || undefined} />
        </td>
      ) : null}
      {columns.map((column, place) => (
        <td
          key={column.key}
          id={`${idPrefix}-${index}-${place}`}
          aria-colindex={place + (selectable ? 2 : 1)}
          data-column={place}
          data-align={column.align}
          data-active={activeColumn === place || undefined}
          data-editable={column.editable || undefined}
        >
          {activeColumn === place && editor !== undefined ? editor : column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

export const GridRow = memo(Row) as typeof Row;
