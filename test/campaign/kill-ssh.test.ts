import { expect, it } from "vitest";
import { run } from "./kill-ssh.ts";

it("a command on a host runs once and has its own end, whenever the product is killed", async () => {
  const { result, held } = await run({ lives: "4", hosts: "5" });

  expect(result).toMatchObject({ campaign: "kill-ssh", twice: 0, untrue: 0, open: 0, unknown: 0 });
  expect(held).toBe(true);
}, 180_000);
