import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { engineIds } from "../contract/engine.ts";
import { absentEngines, createEngines } from "./registry.ts";
import { saltSettings } from "./salt/settings.ts";

it("has every engine, or says how it is switched on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "omserver-registry-"));
  const engines = createEngines({}, { folder });

  const there = engines.map(({ manifest }) => manifest.id);
  const absent = absentEngines({});

  await Promise.all(engines.map((engine) => engine.close()));
  rmSync(folder, { recursive: true, force: true });
  // The mock ships for tests and demos; no installation switches it on.
  expect([...there, ...absent.map(({ id }) => id), "mock"].toSorted()).toEqual([...engineIds].toSorted());
  for (const { id, mend } of absent) expect(mend).toContain(`engines.${id}`);
});

it("does not call an engine absent that is switched on", () => {
  const salt = saltSettings.parse({ url: "https://salt.example.org:8000", user: "omserver", passwordFile: "/none" });

  const absent = absentEngines({ salt });

  expect(absent.map(({ id }) => id)).toEqual(["func", "omserver-v1"]);
});
