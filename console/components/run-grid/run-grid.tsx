import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useCallback, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ExecutionState } from "../../../src/contract/states.ts";
import { usePhone } from "../layout/use-phone.ts";
import { gridMove } from "./grid-moves.ts";
import styles from "./run-grid.module.css";

/** What the grid needs of an execution. */
export interface GridCell {
  readonly position: number;
  readonly hostName: string;
  readonly state: ExecutionState;
  readonly exitCode?: number | undefined;
}

interface RunGridProps {
  readonly label: string;
  readonly cells: readonly GridCell[];
  /** Position of the host that is looked at. */
  readonly selected: number | undefined;
  readonly onSelect: (position: number) => void;
}

const gap = 3;

/** A cell for every host, told apart by colour and shape. Only rows in view exist; arrows walk, Enter opens a host. */
export function RunGrid({ label, cells, selected, onSelect }: RunGridProps) {
  const { t } = useTranslation();
  const prefix = useId();
  const pitch = (usePhone() ? 20 : 14) + gap;
  const scroller = useRef<HTMLDivElement>(null);
  const [columns, setColumns] = useState(40);
  const [active, setActive] = useState<number | undefined>(undefined);
  const [hovered, setHovered] = useState<number | undefined>(undefined);
  const chosen =
    selected === undefined
      ? 0
      : Math.max(
          0,
          cells.findIndex((one) => one.position === selected),
        );
  const at = Math.min(active ?? chosen, Math.max(0, cells.length - 1));
  const rowCount = Math.ceil(cells.length / columns);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = () => setColumns(Math.max(1, Math.floor((element.clientWidth - 2 * gap) / pitch)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [pitch]);

  const virtualizer = useVirtualizer({
    count: rowCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => pitch,
    overscan: 6,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another pitch makes all measures anew
  useEffect(() => virtualizer.measure(), [pitch]);

  const cell = cells[at];
  const tell = useCallback(
    (one: GridCell) => {
      const exit =
        one.exitCode === undefined || one.exitCode === 0 ? "" : ` · ${t("run.exit", { code: one.exitCode })}`;
      return `${one.hostName} · ${t(`executionState.${one.state}`)}${exit}`;
    },
    [t],
  );
  const pick = useRef(onSelect);
  pick.current = onSelect;
  const onPick = useCallback((position: number, index: number) => {
    setActive(index);
    pick.current(position);
  }, []);
  const read = hovered === undefined ? cell : cells[hovered];

  return (
    <div className={styles.grid}>
      {/* biome-ignore lint/a11y/useSemanticElements: rows in view only, which a table cannot hold */}
      <div
        ref={scroller}
        className={styles.scroller}
        role="grid"
        aria-label={label}
        aria-rowcount={rowCount}
        aria-colcount={columns}
        tabIndex={0}
        onMouseLeave={() => setHovered(undefined)}
        aria-activedescendant={cell === undefined ? undefined : `${prefix}-${cell.position}`}
        onKeyDown={(event) => {
          if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            if (cell !== undefined) onSelect(cell.position);
            return;
          }
          const pageRows = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / pitch));
          const next = gridMove(at, event.key, { count: cells.length, columns, pageRows });
          if (next === undefined) return;
          event.preventDefault();
          setActive(next);
          virtualizer.scrollToIndex(Math.floor(next / columns));
        }}
      >
        <div role="none" className={styles.space} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((row) => (
            <GridRow
              key={row.index}
              row={row.index}
              top={row.start}
              prefix={prefix}
              cells={cells.slice(row.index * columns, (row.index + 1) * columns)}
              active={cell?.position}
              selected={selected}
              tell={tell}
              firstIndex={row.index * columns}
              onPick={onPick}
              onHover={setHovered}
            />
          ))}
        </div>
      </div>
      <p className={styles.readout} aria-live="off">
        {read === undefined ? "" : tell(read)}
      </p>
    </div>
  );
}

interface GridRowProps {
  readonly row: number;
  readonly top: number;
  readonly prefix: string;
  readonly cells: readonly GridCell[];
  readonly active: number | undefined;
  readonly selected: number | undefined;
  readonly tell: (cell: GridCell) => string;
  /** Index of the first cell among all. */
  readonly firstIndex: number;
  readonly onPick: (position: number, index: number) => void;
  readonly onHover: (index: number) => void;
}

const GridRow = memo(function GridRow(props: GridRowProps) {
  const { row, top, prefix, cells, active, selected, tell, firstIndex, onPick, onHover } = props;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
    // biome-ignore lint/a11y/useSemanticElements: rows in view only, which a table cannot hold
    <div role="row" aria-rowindex={row + 1} className={styles.row} style={{ transform: `translateY(${top}px)` }}>
      {cells.map((cell, place) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys for its cells
        // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and names the cell
        // biome-ignore lint/a11y/useSemanticElements: rows in view only, which a table cannot hold
        <div
          key={cell.position}
          id={`${prefix}-${cell.position}`}
          role="gridcell"
          aria-colindex={place + 1}
          aria-label={tell(cell)}
          aria-selected={cell.position === selected}
          className={styles.cell}
          data-active={cell.position === active || undefined}
          title={tell(cell)}
          onClick={() => onPick(cell.position, firstIndex + place)}
          onMouseEnter={() => onHover(firstIndex + place)}
        >
          <span className="om-shape" data-state={cell.state} />
        </div>
      ))}
    </div>
  );
}, sameRow);

/** A row is drawn again only when one of its own cells changed. */
function sameRow(before: GridRowProps, after: GridRowProps): boolean {
  if (before.row !== after.row || before.top !== after.top || before.cells.length !== after.cells.length) return false;
  if (before.firstIndex !== after.firstIndex || before.tell !== after.tell) return false;
  const touches = (props: GridRowProps, position: number | undefined) =>
    position !== undefined && props.cells.some((cell) => cell.position === position);
  if (before.active !== after.active && (touches(before, before.active) || touches(after, after.active))) return false;
  if (before.selected !== after.selected && (touches(before, before.selected) || touches(after, after.selected))) {
    return false;
  }
  return after.cells.every((cell, place) => {
    const old = before.cells[place];
    return (
      cell === old || (cell.position === old?.position && cell.state === old.state && cell.exitCode === old.exitCode)
    );
  });
}
