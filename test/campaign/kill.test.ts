import { expect, it } from "vitest";
import { run } from "./kill.ts";

it("nothing runs twice, is lost or stays open, whichever process is killed; a naive controller is caught", async () => {
  const { result, held } = await run({ kills: "8", hosts: "100" });

  expect(result).toMatchObject({ executedTwice: 0, lost: 0, indefinite: 0, untrue: 0, missed: [], kept: 0 });
  expect(held).toBe(true);
}, 120_000);
