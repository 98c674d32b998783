import { expect, it } from "vitest";
import { run } from "./orders.ts";

it("begins none of the bad orders, and every good one among them once", async () => {
  const { result, held } = await run({ tried: "600" });

  expect(result).toMatchObject({ campaign: "orders", accepted: 0 });
  expect(held).toBe(true);
}, 120_000);
