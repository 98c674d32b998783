import { Checkbox } from "@mantine/core";
import { type DragEvent, type KeyboardEvent, type MouseEvent, type ReactNode, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import table from "../table/table.module.css";
import { ColumnHeads, ColumnWidths, Spacer } from "../table/table-parts.tsx";
import { useTableRows } from "../table/use-table-rows.ts";
import { type GridPlace, gridCellMove } from "./grid-cell-move.ts";
import type { GridColumn } from "./grid-column.ts";
import { GridRow } from "./grid-row.tsx";
import styles from "./grid-table.module.css";

interface GridTableProps<Row> {
  readonly label: string;
  readonly columns: readonly GridColumn<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => number;
  /** Number of all rows, when more can be fetched. */
  readonly total: number;
  /** Called when the last rows come near; more may be on their way. */
  readonly onNearEnd: () => void;
  readonly isLoadingMore: boolean;
  /** Undefined: rows cannot be selected. */
  readonly selection?: GridSelection<Row> | undefined;
  /** Enter on a cell that cannot be edited, or in the first column. */
  readonly onOpen: (row: Row) => void;
  /** The editor of a cell, shown in its place; `close` ends it. */
  readonly renderEditor?: ((row: Row, column: string, close: () => void) => ReactNode) | undefined;
  /** A drag of rows begins; what is returned stands at the pointer. */
  readonly onDrag?: ((row: Row, transfer: DataTransfer) => string) | undefined;
  readonly onDragEnd?: () => void;
  /** Keys that the grid has no use for. */
  readonly onKey?: (event: KeyboardEvent) => void;
}

interface GridSelection<Row> {
  readonly has: (row: Row) => boolean;
  readonly all: boolean | "some";
  readonly allLabel: string;
  readonly onAll: (selected: boolean) => void;
  /** These rows together. */
  readonly onRows: (rows: readonly Row[], selected: boolean) => void;
}

const nearEndRows = 400;

/**
 * Rows of one height that can be walked cell by cell, selected, edited in place and dragged. Only those in view exist.
 * The grid itself has the focus and names the active cell, so that scrolling a row away loses nothing.
 */
export function GridTable<Row>(props: GridTableProps<Row>) {
  const { label, rows, rowKey, total, onNearEnd, isLoadingMore, selection, renderEditor } = props;
  const { t } = useTranslation();
  const { scroller, phone, rowHeight, items, before, after, scrollTo } = useTableRows({
    rows,
    rowKey,
    overscan: 20,
    onNearEnd,
    nearEndRows,
  });
  const prefix = useId();
  const grid = useRef<HTMLTableElement>(null);
  const badge = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<GridPlace>({ row: 0, column: 0 });
  const [editing, setEditing] = useState(false);
  const anchor = useRef(0);
  const marks = selection === undefined ? 0 : 1;
  const columns = props.columns.filter((column) => !phone || column.wide !== true);
  const row = Math.min(active.row, Math.max(0, rows.length - 1));
  const column = Math.min(active.column, columns.length - 1);
  const isShown = items.some((item) => item.index === row);

  function goTo(place: GridPlace): void {
    setActive(place);
    setEditing(false);
    scrollTo(place.row);
  }

  function edit(place: GridPlace): void {
    if (renderEditor === undefined || columns[place.column]?.editable !== true) return;
    setActive(place);
    setEditing(true);
  }

  function stopEditing(): void {
    setEditing(false);
    grid.current?.focus({ preventScroll: true });
  }

  /** From the row where the last selection began to this one. */
  function selectTo(place: number, selected: boolean): void {
    const [from, to] = [Math.min(anchor.current, place), Math.max(anchor.current, place)];
    selection?.onRows(rows.slice(from, to + 1), selected);
  }

  function toggle(place: number): void {
    const toggled = rows[place];
    if (toggled === undefined) return;
    anchor.current = place;
    selection?.onRows([toggled], !selection.has(toggled));
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.target !== grid.current) return;
    const current = rows[row];
    const isControl = event.ctrlKey || event.metaKey;
    const pageRows = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
    const next = gridCellMove({ row, column }, event.key, isControl, {
      rows: rows.length,
      columns: columns.length,
      pageRows,
    });
    if (next !== undefined) {
      if (event.shiftKey && next.row !== row) {
        if (current !== undefined && selection?.has(current) !== true) anchor.current = row;
        const [from, to] = [Math.min(anchor.current, next.row), Math.max(anchor.current, next.row)];
        selection?.onRows(rows.slice(from, to + 1), true);
      }
      goTo(next);
    } else if (current === undefined) return;
    else if (event.key === " " && selection !== undefined) event.shiftKey ? selectTo(row, true) : toggle(row);
    else if (isControl && event.key === "a" && selection !== undefined) selection.onAll(true);
    else if (event.key === "Escape" && selection !== undefined && selection.all !== false) selection.onAll(false);
    else if (event.key === "F2") edit({ row, column });
    else if (event.key === "Enter" && column > 0 && columns[column]?.editable === true && renderEditor !== undefined) {
      edit({ row, column });
    } else if (event.key === "Enter") props.onOpen(current);
    else {
      props.onKey?.(event);
      return;
    }
    event.preventDefault();
  }

  function onClick(event: MouseEvent): void {
    const place = placeOf(event.target);
    if (place === undefined || editing) return;
    if (place.isMark || event.ctrlKey || event.metaKey) {
      if (event.shiftKey) selectTo(place.row, true);
      else toggle(place.row);
    } else if (event.shiftKey && selection !== undefined) selectTo(place.row, true);
    setActive({ row: place.row, column: place.column ?? column });
  }

  function onDragStart(event: DragEvent): void {
    const place = placeOf(event.target);
    const dragged = place === undefined ? undefined : rows[place.row];
    if (dragged === undefined || props.onDrag === undefined || badge.current === null) {
      event.preventDefault();
      return;
    }
    badge.current.textContent = props.onDrag(dragged, event.dataTransfer);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setDragImage(badge.current, -12, -12);
    untilDragEnds(() => props.onDragEnd?.());
  }

  return (
    <div className={styles.frame}>
      <div ref={scroller} className={table.scroller}>
        <table
          ref={grid}
          className={`${table.table} ${styles.grid}`}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells one walks is a grid (WAI-ARIA)
          role="grid"
          aria-label={label}
          aria-multiselectable={selection === undefined ? undefined : true}
          aria-rowcount={total + 1}
          aria-colcount={columns.length + marks}
          aria-activedescendant={isShown ? `${prefix}-${row}-${column}` : undefined}
          tabIndex={0}
          onKeyDown={onKeyDown}
          onClick={onClick}
          onDoubleClick={(event) => {
            const place = placeOf(event.target);
            if (place?.column !== undefined) edit({ row: place.row, column: place.column });
          }}
          onDragStart={onDragStart}
        >
          <colgroup>
            {selection === undefined ? null : <col className={styles.markColumn} />}
            <ColumnWidths columns={columns} />
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              {selection === undefined ? null : (
                <th scope="col" aria-colindex={1} className={styles.mark}>
                  <Checkbox
                    aria-label={selection.allLabel}
                    checked={selection.all === true}
                    indeterminate={selection.all === "some"}
                    onChange={() => selection.onAll(selection.all !== true)}
                  />
                </th>
              )}
              <ColumnHeads columns={columns} before={marks} />
            </tr>
          </thead>
          <tbody>
            <Spacer height={before} columns={columns.length + marks} />
            {items.map((item) => {
              const each = rows[item.index];
              if (each === undefined) return null;
              const isActive = item.index === row;
              return (
                <GridRow
                  key={item.key}
                  row={each}
                  index={item.index}
                  height={rowHeight}
                  idPrefix={prefix}
                  columns={columns}
                  selectable={selection !== undefined}
                  selected={selection?.has(each) ?? false}
                  activeColumn={isActive ? column : undefined}
                  editor={
                    isActive && editing ? renderEditor?.(each, columns[column]?.key ?? "", stopEditing) : undefined
                  }
                />
              );
            })}
            <Spacer height={after} columns={columns.length + marks} />
          </tbody>
        </table>
      </div>
      {isLoadingMore ? <p className={table.more}>{t("feedback.loading")} …</p> : null}
      <div ref={badge} className={styles.badge} aria-hidden="true" />
    </div>
  );
}

/** Also where the dragged row has been scrolled away: nobody is told then, but no mouse moves before a drag has ended. */
function untilDragEnds(ended: () => void): void {
  const listening = new AbortController();
  function end(): void {
    listening.abort();
    ended();
  }
  for (const sign of ["dragend", "mousemove"]) document.addEventListener(sign, end, { signal: listening.signal });
}

/** Row and cell that an event came from. */
function placeOf(target: EventTarget): { row: number; column: number | undefined; isMark: boolean } | undefined {
  if (!(target instanceof Element)) return undefined;
  const row = target.closest<HTMLElement>("[data-row]")?.dataset.row;
  if (row === undefined) return undefined;
  const column = target.closest<HTMLElement>("[data-column]")?.dataset.column;
  return {
    row: Number(row),
    column: column === undefined ? undefined : Number(column),
    isMark: target.closest("[data-mark]") !== null,
  };
}
