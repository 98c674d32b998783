import { expect, it } from "vitest";
import { emptied, withEmptied } from "./empty-fields.ts";

it("empties what is wanted, lets go of what is no longer, and leaves what is set alone", () => {
  const first = withEmptied({ os: "Debian 13", addTags: ["new"] }, ["zone", "tags"]);
  expect(first).toEqual({ os: "Debian 13", addTags: ["new"], zone: "", tags: [] });
  expect(emptied(first)).toEqual(["zone", "tags"]);

  const second = withEmptied(first, ["tags", "user"]);
  expect(second).toEqual({ os: "Debian 13", addTags: ["new"], tags: [], user: "" });
});

it("takes what was typed from a field that is to be empty", () => {
  expect(withEmptied({ os: "Debian 13", port: 22 }, ["os"])).toEqual({ os: "", port: 22 });
});
