import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { errorCatalogue } from "../../contract/errors.ts";

it("docs/errors.md explains every code of the catalogue, with its status, and no other", () => {
  const text = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `([a-z_.]+)` \| (\d{3}) \| (.+) \| (.+) \|$/gm)];
  const documented = rows.map(([, code, status]) => [code, Number(status)]);
  expect(documented).toEqual(Object.entries(errorCatalogue).map(([code, { status }]) => [code, status]));
});
