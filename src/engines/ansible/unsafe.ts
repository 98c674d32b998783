/**
 * Text that Ansible takes as it is, whatever stands in it. Its JSON reader knows this form (of `!unsafe` in YAML) in
 * every version from 2.14 on: no template engine looks into it, then or later.
 */
export interface UnsafeText {
  readonly __ansible_unsafe: string;
}

export function unsafeText(text: string): UnsafeText {
  return { __ansible_unsafe: text };
}

/** Plain JSON with every text in it made unsafe; the names of an object are left as they are. */
export function unsafeValue(value: unknown): unknown {
  if (typeof value === "string") return unsafeText(value);
  if (Array.isArray(value)) return value.map(unsafeValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, unsafeValue(each)]));
}
