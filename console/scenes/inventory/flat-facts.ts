export interface Fact {
  /** `ansible_default_ipv4.address`; places in a list are numbers. */
  readonly name: string;
  readonly value: string;
}

const mostFacts = 5000;
const deepest = 12;

/** Facts as a flat list in their own order, bounded however they are nested. */
export function flatFacts(facts: Readonly<Record<string, unknown>>): readonly Fact[] {
  const flat: Fact[] = [];
  function add(name: string, value: unknown, depth: number): void {
    if (flat.length >= mostFacts) return;
    if (typeof value === "object" && value !== null && depth < deepest && Object.keys(value).length > 0) {
      for (const [key, inner] of Object.entries(value)) add(name === "" ? key : `${name}.${key}`, inner, depth + 1);
    } else {
      flat.push({ name, value: typeof value === "string" ? value : JSON.stringify(value) });
    }
  }
  add("", facts, 0);
  return flat.filter(({ name }) => name !== "");
}
