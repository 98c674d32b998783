export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Opaque; undefined on the last page. */
  readonly next?: string;
}
