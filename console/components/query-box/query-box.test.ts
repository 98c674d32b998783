import { expect, it } from "vitest";
import { OmError } from "../../../src/contract/errors.ts";
import { faultOf } from "./query-fault.ts";

function syntax(column: number): OmError {
  return new OmError("query.syntax", "found “x”", { problems: [{ place: `1:${column}`, message: "found “x”" }] });
}

it("points at the column of a query's fault, also behind Chinese, emoji and line breaks", () => {
  expect(faultOf("web01 db1", syntax(7))).toEqual({ message: "found “x”", excerpt: "web01 db1", caret: "      ▲" });
  expect(faultOf("数据库 db1", syntax(5))).toMatchObject({ caret: "　　　 ▲" });
  expect(faultOf("a\nb c", syntax(5))).toMatchObject({ excerpt: "a b c", caret: "    ▲" });
  expect(faultOf(`${"x".repeat(100)} y`, syntax(102))?.excerpt?.length).toBeLessThan(60);
});

it("shows other errors by their message alone", () => {
  expect(faultOf("x", new OmError("store.unavailable", "The database is away."))).toEqual({
    message: "The database is away.",
  });
});
