/** How much of what lies under a row is chosen. */
export type Choice = "none" | "some" | "all";

export interface TreeRow {
  /** Unique in the tree. */
  readonly id: string;
  readonly kind: "function" | "app" | "host" | "more" | "loading";
  /** 1 for the top. */
  readonly level: number;
  readonly name: string;
  /** Hosts under it; undefined for a host. */
  readonly count?: number;
  readonly choice: Choice;
  /** Undefined for what has nothing under it. */
  readonly expanded?: boolean;
  /** 1-based place among its siblings, and their number, for screen readers. */
  readonly place: number;
  readonly siblings: number;
  /** Second line of information: an address, an operating system. */
  readonly note?: string;
  readonly disabled?: boolean;
}

export type TreeMove =
  | { readonly kind: "focus"; readonly index: number }
  | { readonly kind: "expand"; readonly index: number }
  | { readonly kind: "collapse"; readonly index: number }
  | { readonly kind: "choose"; readonly index: number };

/**
 * What a key does in the tree, after the ARIA tree pattern: arrows walk, right opens and enters, left closes and leaves,
 * Home, End and page keys jump, Space and Enter choose. Undefined: the key is not the tree's.
 */
export function treeMove(
  rows: readonly TreeRow[],
  focused: number,
  key: string,
  pageRows: number,
): TreeMove | undefined {
  const row = rows[focused];
  const last = rows.length - 1;
  if (row === undefined) return undefined;
  const focus = (index: number): TreeMove => ({ kind: "focus", index: Math.max(0, Math.min(last, index)) });
  switch (key) {
    case "ArrowDown":
      return focus(focused + 1);
    case "ArrowUp":
      return focus(focused - 1);
    case "PageDown":
      return focus(focused + pageRows);
    case "PageUp":
      return focus(focused - pageRows);
    case "Home":
      return focus(0);
    case "End":
      return focus(last);
    case "ArrowRight":
      if (row.expanded === false) return { kind: "expand", index: focused };
      return row.expanded === true && (rows[focused + 1]?.level ?? 0) > row.level ? focus(focused + 1) : undefined;
    case "ArrowLeft": {
      if (row.expanded === true) return { kind: "collapse", index: focused };
      const parent = parentOf(rows, focused);
      return parent === undefined ? undefined : focus(parent);
    }
    case " ":
    case "Enter":
      return row.kind === "loading" ? undefined : { kind: "choose", index: focused };
    default:
      return undefined;
  }
}

/** The next row after `focused`, going round, whose name begins with what was typed. */
export function typeAhead(rows: readonly TreeRow[], focused: number, typed: string): number | undefined {
  const wanted = typed.toLocaleLowerCase();
  for (let step = typed.length > 1 ? 0 : 1; step <= rows.length; step++) {
    const index = (focused + step) % rows.length;
    if (rows[index]?.name.toLocaleLowerCase().startsWith(wanted)) return index;
  }
  return undefined;
}

function parentOf(rows: readonly TreeRow[], index: number): number | undefined {
  const level = rows[index]?.level ?? 1;
  for (let before = index - 1; before >= 0; before--) {
    if ((rows[before]?.level ?? 0) < level) return before;
  }
  return undefined;
}
