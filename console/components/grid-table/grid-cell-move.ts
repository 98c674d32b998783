export interface GridPlace {
  readonly row: number;
  readonly column: number;
}

interface GridSize {
  readonly rows: number;
  readonly columns: number;
  /** Rows that a page key goes. */
  readonly pageRows: number;
}

/**
 * The cell that a key leads to, after the ARIA grid pattern: arrows walk, Home and End go along the row and with Ctrl to
 * the first and last row, page keys jump. Undefined: the key is not the grid's. It never leaves the grid.
 */
export function gridCellMove(at: GridPlace, key: string, isControl: boolean, size: GridSize): GridPlace | undefined {
  const place = (row: number, column: number): GridPlace => ({
    row: Math.max(0, Math.min(size.rows - 1, row)),
    column: Math.max(0, Math.min(size.columns - 1, column)),
  });
  switch (key) {
    case "ArrowDown":
      return place(at.row + 1, at.column);
    case "ArrowUp":
      return place(at.row - 1, at.column);
    case "ArrowRight":
      return place(at.row, at.column + 1);
    case "ArrowLeft":
      return place(at.row, at.column - 1);
    case "PageDown":
      return place(at.row + size.pageRows, at.column);
    case "PageUp":
      return place(at.row - size.pageRows, at.column);
    case "Home":
      return isControl ? place(0, at.column) : place(at.row, 0);
    case "End":
      return isControl ? place(size.rows - 1, at.column) : place(at.row, size.columns - 1);
    default:
      return undefined;
  }
}
