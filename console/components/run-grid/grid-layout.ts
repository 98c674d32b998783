/** From one cell to the next, in pixels, largest first; the shape takes what the gap leaves. */
const deskPitches = [18, 15, 12, 10] as const;
const phonePitches = [22, 18] as const;
export const gridGap = 3;

export interface GridLayout {
  readonly pitch: number;
  readonly columns: number;
  readonly rows: number;
}

/** The largest cells with which all hosts are in view at once; the smallest, in a scrolled area, where none is. */
export function gridLayout(count: number, width: number, height: number, phone: boolean): GridLayout {
  let layout: GridLayout = { pitch: 0, columns: 1, rows: 0 };
  for (const pitch of phone ? phonePitches : deskPitches) {
    const columns = Math.max(1, Math.floor((width + gridGap) / pitch));
    layout = { pitch, columns, rows: Math.ceil(count / columns) };
    if (layout.rows * pitch <= height) return layout;
  }
  return layout;
}

/** The cell at a place of the grid's area; undefined between and behind them. */
export function cellAt(layout: GridLayout, count: number, x: number, y: number): number | undefined {
  const column = Math.floor(x / layout.pitch);
  if (column < 0 || column >= layout.columns || y < 0) return undefined;
  const index = Math.floor(y / layout.pitch) * layout.columns + column;
  return index < count ? index : undefined;
}
