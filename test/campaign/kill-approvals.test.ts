import { expect, it } from "vitest";
import { run } from "./kill-approvals.ts";

it("nothing runs that nobody approved, and what was approved runs once, whenever the web server is killed", async () => {
  const { result, held } = await run({ rounds: "1", hosts: "20" });

  expect(result).toMatchObject({ executedTwice: 0, lost: 0, indefinite: 0, unapproved: 0, untrue: 0, missed: [] });
  expect(result).toMatchObject({ atPoints: 10, kept: 0 });
  expect(held).toBe(true);
}, 240_000);
