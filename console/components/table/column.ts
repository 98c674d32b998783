import type { ReactNode } from "react";

export interface Column<Row> {
  readonly key: string;
  readonly header: string;
  /** The header is for screen readers only. */
  readonly hidden?: boolean;
  readonly cell: (row: Row) => ReactNode;
  /** Width in pixels; without it the column shares what is left. */
  readonly width?: number | undefined;
  readonly align?: "end";
  /** Left out on a phone. */
  readonly wide?: boolean;
  /** On a phone a second, quiet line of the cell: what columns that are left out there would say. */
  readonly below?: (row: Row) => ReactNode;
}
