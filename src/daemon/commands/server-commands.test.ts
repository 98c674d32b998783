import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openStore } from "../../web/store/open.ts";

let folder: string;
let data: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "omserver-server-commands-"));
  data = join(folder, "data");
  const store = await openStore({ kind: "sqlite", file: join(data, "omserver.db") });
  const scope = { everything: true, functionCategories: [], appCategories: [] };
  await store.users.create({ name: "ann", role: "administrator", scope, passwordHash: "" });
  await store.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function omserver(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile("bin/omserver", args, { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

it("saves and restores with results as JSON", async () => {
  const file = join(folder, "saved.omb");

  const saved = await omserver("backup", file, "--data", data, "--json");
  const restored = await omserver("restore", file, "--data", join(folder, "other"), "--json");

  expect([saved.code, saved.stderr, restored.code, restored.stderr]).toEqual([0, "", 0, ""]);
  expect(JSON.parse(saved.stdout)).toMatchObject({ file, files: 0, damagedFiles: [], rows: { app_user: 1 } });
  expect(JSON.parse(restored.stdout)).toMatchObject({ file, rows: { app_user: 1 } });
});

it("gives a sign-in link as JSON, with the time until which it is good", async () => {
  const before = Date.now();

  const made = await omserver("sign-in-link", "ann", "--data", data, "--public-url", "https://om.example", "--json");

  const { url, expiresAt } = JSON.parse(made.stdout);
  expect(url).toMatch(/^https:\/\/om\.example\/sign-in#token=\S+$/);
  expect(expiresAt).toBeGreaterThan(before);
});

it("gives no sign-in link where there is no OMServer, and makes nothing there", async () => {
  const wrong = join(folder, "mistyped");

  const refused = await omserver("sign-in-link", "ann", "--data", wrong);

  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain(`There is no OMServer in ${join(wrong, "omserver.db")}.`);
  expect(existsSync(wrong)).toBe(false);
});
