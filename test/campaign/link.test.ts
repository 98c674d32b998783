import { expect, it } from "vitest";
import { run } from "./link.ts";

it("loses and doubles nothing, and begins nothing by a bad order, on a bad day for links and clocks", async () => {
  const { result, held } = await run({ seconds: "0.5", impatient: "yes" });

  expect(result).toMatchObject({ executedTwice: 0, lost: 0, indefinite: 0, expiredAccepted: 0 });
  expect(held).toBe(true);
}, 300_000);
