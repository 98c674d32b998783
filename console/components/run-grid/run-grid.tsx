import { useCallback, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ExecutionState } from "../../../src/contract/states.ts";
import { usePhone } from "../layout/use-phone.ts";
import { cellAt, type GridLayout, gridGap, gridLayout } from "./grid-layout.ts";
import { gridMove } from "./grid-moves.ts";
import { createGridPainter, type GridPainter } from "./grid-painter.ts";
import styles from "./run-grid.module.css";
import { useStateColours } from "./use-state-colours.ts";

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

const deskHeight = 200;
const phoneHeight = 160;
/** Room around the cells for the ring of the one that is pointed at. */
const margin = 3;

/**
 * A cell for every host, told apart by colour and shape, painted: 100,000 of them cost what is in view. For the keyboard
 * and for screen readers one cell is there at a time, the one that arrows have led to; Enter opens it.
 */
export function RunGrid({ label, cells, selected, onSelect }: RunGridProps) {
  const { t } = useTranslation();
  const prefix = useId();
  const phone = usePhone();
  const colours = useStateColours();
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<GridPainter>(undefined);
  const [width, setWidth] = useState(0);
  const [active, setActive] = useState(0);
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const [focused, setFocused] = useState(false);
  const mostHeight = phone ? phoneHeight : deskHeight;
  const layout = gridLayout(cells.length, width, mostHeight, phone);
  const height = Math.min(mostHeight, layout.rows * layout.pitch);
  const at = Math.min(active, Math.max(0, cells.length - 1));
  const chosen = selected === undefined ? -1 : placeOf(cells, selected);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = () => setWidth(element.clientWidth - 2 * margin);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const paint = useCallback(() => {
    if (canvas.current === null || width <= 0) return;
    painter.current ??= createGridPainter(canvas.current);
    painter.current.paint({
      layout,
      count: cells.length,
      top: scroller.current?.scrollTop ?? 0,
      width,
      height,
      colours,
      pixelRatio: window.devicePixelRatio,
      stateAt: (index) => cells[index]?.state,
    });
  }, [layout, cells, width, height, colours]);
  useLayoutEffect(paint);

  // Another host that is looked at is where the arrows go on from.
  useEffect(() => {
    if (chosen >= 0) setActive(chosen);
  }, [chosen]);

  function bringIntoView(index: number): void {
    const element = scroller.current;
    if (element === null) return;
    const top = Math.floor(index / layout.columns) * layout.pitch;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + layout.pitch > element.scrollTop + height) element.scrollTop = top + layout.pitch - height;
  }

  const told = pointed ?? (focused ? at : undefined);
  const tip = told === undefined ? undefined : cells[told];
  const tell = (cell: GridCell) => {
    const exit =
      cell.exitCode === undefined || cell.exitCode === 0 ? "" : ` · ${t("run.exit", { code: cell.exitCode })}`;
    return `${cell.hostName} · ${t(`executionState.${cell.state}`)}${exit}`;
  };
  const placeStyle = (index: number) => ({
    left: (index % layout.columns) * layout.pitch,
    top: Math.floor(index / layout.columns) * layout.pitch,
    width: layout.pitch - gridGap,
    height: layout.pitch - gridGap,
  });
  const cell = cells[at];
  const row = Math.floor(at / layout.columns);

  return (
    <div className={styles.grid}>
      {/* biome-ignore lint/a11y/useSemanticElements: cells are painted, which a table cannot hold */}
      <div
        ref={scroller}
        className={styles.scroller}
        style={{ height: height + 2 * margin }}
        role="grid"
        aria-label={label}
        aria-rowcount={layout.rows}
        aria-colcount={layout.columns}
        aria-activedescendant={cell === undefined ? undefined : `${prefix}-${cell.position}`}
        tabIndex={0}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onScroll={() => {
          setPointed(undefined);
          paint();
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            if (cell !== undefined) onSelect(cell.position);
            return;
          }
          const pageRows = Math.max(1, Math.floor(height / layout.pitch));
          const next = gridMove(at, event.key, { count: cells.length, columns: layout.columns, pageRows });
          if (next === undefined) return;
          event.preventDefault();
          setPointed(undefined);
          setActive(next);
          bringIntoView(next);
        }}
      >
        <div
          role="none"
          className={styles.space}
          style={{ height: layout.rows * layout.pitch }}
          onMouseMove={(event) => setPointed(pointedCell(event, layout, cells.length))}
          onMouseLeave={() => setPointed(undefined)}
          onClick={(event) => {
            const index = pointedCell(event, layout, cells.length);
            const hit = index === undefined ? undefined : cells[index];
            if (index === undefined || hit === undefined) return;
            setActive(index);
            onSelect(hit.position);
          }}
        >
          <canvas ref={canvas} className={styles.canvas} style={{ width, height }} />
          {chosen < 0 ? null : <span className={styles.ring} data-chosen style={placeStyle(chosen)} />}
          {pointed === undefined ? null : <span className={styles.ring} style={placeStyle(pointed)} />}
          {cell === undefined ? null : (
            // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
            // biome-ignore lint/a11y/useSemanticElements: cells are painted, which a table cannot hold
            <div role="row" aria-rowindex={row + 1}>
              {/* biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and names the cell */}
              {/* biome-ignore lint/a11y/useSemanticElements: cells are painted, which a table cannot hold */}
              <div
                id={`${prefix}-${cell.position}`}
                role="gridcell"
                aria-colindex={(at % layout.columns) + 1}
                aria-label={tell(cell)}
                aria-selected={at === chosen}
                className={styles.ring}
                data-active
                style={placeStyle(at)}
              />
            </div>
          )}
        </div>
      </div>
      {tip === undefined || told === undefined ? null : (
        <span
          className={styles.tip}
          aria-hidden="true"
          style={tipStyle(told, layout, width, scroller.current?.scrollTop ?? 0)}
        >
          {tell(tip)}
        </span>
      )}
    </div>
  );
}

function pointedCell(
  event: { readonly clientX: number; readonly clientY: number; readonly currentTarget: Element },
  layout: GridLayout,
  count: number,
): number | undefined {
  const box = event.currentTarget.getBoundingClientRect();
  return cellAt(layout, count, event.clientX - box.left, event.clientY - box.top);
}

/** Below the cell, on the side where there is room. */
function tipStyle(index: number, { pitch, columns }: GridLayout, width: number, scrolled: number) {
  const x = margin + (index % columns) * pitch;
  const top = margin + (Math.floor(index / columns) + 1) * pitch - scrolled + 2;
  return x > width / 2 ? { top, right: Math.max(0, width + 2 * margin - x - pitch) } : { top, left: x };
}

/** The cells are in order of their positions. */
function placeOf(cells: readonly GridCell[], position: number): number {
  if (cells[position]?.position === position) return position;
  let from = 0;
  let to = cells.length - 1;
  while (from <= to) {
    const middle = (from + to) >> 1;
    const found = cells[middle]?.position ?? 0;
    if (found === position) return middle;
    if (found < position) from = middle + 1;
    else to = middle - 1;
  }
  return -1;
}
