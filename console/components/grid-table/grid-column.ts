import type { Column } from "../table/column.ts";

export interface GridColumn<Row> extends Column<Row> {
  /** `renderEditor` has an editor for it. */
  readonly editable?: boolean;
}
