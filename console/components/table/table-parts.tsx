import { VisuallyHidden } from "@mantine/core";
import type { Column } from "./column.ts";

interface ColumnsProps {
  readonly columns: readonly Pick<Column<never>, "key" | "width" | "header" | "hidden" | "align">[];
}

export function ColumnWidths({ columns }: ColumnsProps) {
  return columns.map(({ key, width }) => <col key={key} style={width === undefined ? undefined : { width }} />);
}

/** `before` columns stand before these. */
export function ColumnHeads({ columns, before = 0 }: ColumnsProps & { readonly before?: number }) {
  return columns.map(({ key, header, hidden, align }, place) => (
    <th key={key} scope="col" aria-colindex={place + 1 + before} data-align={align}>
      {hidden ? <VisuallyHidden>{header}</VisuallyHidden> : header}
    </th>
  ));
}

interface SpacerProps {
  readonly height: number;
  readonly columns: number;
}

/** Room for rows out of view. */
export function Spacer({ height, columns }: SpacerProps) {
  if (height <= 0) return null;
  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: room for rows out of view, and no row
    <tr role="presentation">
      <td role="presentation" colSpan={columns} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}
