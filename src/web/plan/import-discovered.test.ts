import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DiscoveredHost } from "../../contract/engine.ts";
import { type DiscoveredOptions, discoveredRows } from "./import-discovered.ts";

const options: DiscoveredOptions = { engine: "salt", groups: "tags", category: "", enginesOf: () => undefined };
const host = (change: Partial<DiscoveredHost> = {}): DiscoveredHost => ({ name: "web1", groups: [], ...change });

describe("hosts of an engine's own system", () => {
  it("become rows of an import, with that engine", () => {
    const found = host({
      address: "10.0.0.1",
      port: 2222,
      user: "ops",
      os: "Debian 12",
      groups: ["all", "web", "a b"],
    });

    expect(discoveredRows([found], options)).toEqual({
      refused: [],
      rows: [
        {
          line: 1,
          column: 1,
          name: "web1",
          fields: {
            engines: ["salt"],
            innerAddress: "10.0.0.1",
            port: 2222,
            user: "ops",
            os: "Debian 12",
            tags: ["web"],
          },
        },
      ],
    });
  });

  it("keep the engines that the inventory has of them, and get this one besides", () => {
    const { rows } = discoveredRows([host()], { ...options, enginesOf: () => ["ssh"] });
    const again = discoveredRows([host()], { ...options, enginesOf: () => ["salt", "ssh"] });

    expect(rows[0]?.fields.engines).toEqual(["ssh", "salt"]);
    expect(again.rows[0]?.fields.engines).toEqual(["salt", "ssh"]);
  });

  it("go into the category of their first group when asked, and are refused where that cannot be one", () => {
    const hosts = [
      host({ groups: ["ungrouped", "web", "db"] }),
      host({ name: "db1", groups: ["a/b"] }),
      host({ name: "x" }),
    ];

    const { rows, refused } = discoveredRows(hosts, { ...options, groups: "categories", category: "Linux" });

    expect(rows).toMatchObject([
      { name: "web1", category: { functionCategory: "Linux", appCategory: "web" } },
      { name: "x", line: 3 },
    ]);
    expect(rows[1]).not.toHaveProperty("category");
    expect(refused).toMatchObject([{ line: 2, text: "db1", reason: expect.stringContaining("category") as string }]);
  });

  it.each<[string, Partial<DiscoveredHost>, RegExp]>([
    ["a name that could be an option", { name: "-oProxyCommand=x" }, /^name: /],
    ["a name with a newline", { name: "web1\nweb2" }, /^name: /],
    ["an address that is none", { address: "$(touch canary)" }, /^innerAddress: /],
    ["a port beyond the last", { port: 70_000 }, /^port: /],
    ["an account that is none", { user: "a;b" }, /^user: /],
  ])("%s is refused with its place", (_, change, reason) => {
    const { rows, refused } = discoveredRows([host(change)], options);

    expect(rows).toEqual([]);
    expect(refused).toMatchObject([{ line: 1, reason: expect.stringMatching(reason) as string }]);
  });

  it("are each a row or refused, whatever the other system says", () => {
    const text = fc.string({ unit: "binary", maxLength: 40 });
    const any = fc.record({
      name: text,
      address: text,
      port: fc.integer(),
      user: text,
      os: text,
      groups: fc.array(text),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 5 }), fc.constantFrom("ignore", "tags", "categories"), (hosts, groups) => {
        const { rows, refused } = discoveredRows(hosts, { ...options, groups, category: "F" });

        expect(rows.length + refused.length).toBe(hosts.length);
      }),
    );
  });
});
