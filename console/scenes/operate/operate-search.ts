/** What the address of the operate page can carry; `module` is a number or a key. */
export interface OperateSearch {
  readonly query?: string;
  readonly module?: number | string;
}

export function operateSearchIn(search: { query?: unknown; module?: unknown }): OperateSearch {
  const query = textOf(search.query);
  const module = typeof search.module === "number" ? search.module : textOf(search.module);
  return { ...(query === undefined ? {} : { query }), ...(module === undefined ? {} : { module }) };
}

/** A number in the address is text all the same. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
