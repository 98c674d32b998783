import { expect, it } from "vitest";
import { createMockEngine } from "../engines/mock/mock-engine.ts";
import { watchEngines } from "./engine-health.ts";

it("tells of engines that are not switched on, with the mend, also when it looks anew", async () => {
  const absent = { id: "salt", reason: "It is not switched on.", mend: "Add engines.salt." } as const;
  const watch = await watchEngines([createMockEngine()], [absent]);

  const anew = await watch.probe();

  const told = [expect.objectContaining({ id: "mock", usable: true }), { ...absent, usable: false }];
  expect(anew).toEqual(told);
  expect(watch.current()).toEqual(told);
});
