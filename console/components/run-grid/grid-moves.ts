/** The cell that a key leads to in a grid of `count` cells in rows of `columns`; undefined for other keys. */
export function gridMove(
  at: number,
  key: string,
  { count, columns, pageRows }: { readonly count: number; readonly columns: number; readonly pageRows: number },
): number | undefined {
  const within = (next: number): number => (next < 0 || next >= count ? at : next);
  switch (key) {
    case "ArrowRight":
      return within(at + 1);
    case "ArrowLeft":
      return within(at - 1);
    case "ArrowDown":
      return within(at + columns);
    case "ArrowUp":
      return within(at - columns);
    case "PageDown":
      return Math.min(count - 1, at + columns * pageRows);
    case "PageUp":
      return Math.max(0, at - columns * pageRows);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}
