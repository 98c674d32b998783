/** Hosts under the pointer, by query and number. */
export interface DraggedHosts {
  readonly query: string;
  readonly count: number;
}
