import type { ReactNode } from "react";

export interface GridColumn<Row> {
  readonly key: string;
  readonly header: string;
  /** The header is for screen readers only. */
  readonly hidden?: boolean;
  readonly cell: (row: Row) => ReactNode;
  /** Width in pixels; without it the column shares what is left. */
  readonly width?: number;
  readonly align?: "end";
  /** Left out on a phone. */
  readonly wide?: boolean;
  /** `renderEditor` has an editor for it. */
  readonly editable?: boolean;
}
