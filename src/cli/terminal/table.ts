import { safeLine } from "./safe-text.ts";
import { padded, textWidth } from "./text-width.ts";

/** Rows under titles, columns aligned, every cell on one line and without control characters. Ends with a line break. */
export function table(titles: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [titles, ...rows].map((row) => row.map((cell) => safeLine(String(cell))));
  const widths = titles.map((_, column) =>
    cells.reduce((widest, row) => Math.max(widest, textWidth(row[column] ?? "")), 0),
  );
  const lines = cells.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : padded(cell, widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

/** One thing: a name and its value a line. */
export function list(entries: readonly (readonly [name: string, value: string | number])[]): string {
  const width = entries.reduce((widest, [name]) => Math.max(widest, textWidth(name)), 0);
  return entries
    .map(([name, value]) => `${padded(name, width)}  ${safeLine(String(value))}`.trimEnd())
    .join("\n")
    .concat("\n");
}

/** `2026-11-23 07:41:05`, in the machine's time zone; empty for none. */
export function timeText(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return "";
  const time = new Date(milliseconds);
  const local = new Date(milliseconds - time.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace("T", " ");
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}
