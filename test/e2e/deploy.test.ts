import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

const folder = new URL("../../deploy/", import.meta.url).pathname;
const units = readdirSync(folder).filter((name) => name.endsWith(".service"));
const analyze = existsSync("/usr/bin/systemd-analyze");
if (!analyze) console.warn("The systemd units are not analyzed here: there is no systemd-analyze.");

it("has a unit for each role", () => {
  expect(units.sort()).toEqual(["omserver-controller.service", "omserver-web.service", "omserver.service"]);
});

it.skipIf(!analyze).each(units)("%s is well formed and leaves little open", (name) => {
  const made = mkdtempSync(join(tmpdir(), "omserver-unit-"));
  try {
    // The program and its user are not on this machine.
    const here = readFileSync(join(folder, name), "utf8")
      .replace(/^ExecStart=.*$/m, "ExecStart=/bin/true")
      .replace(/^(User|Group)=.*$/gm, "$1=root");
    writeFileSync(join(made, name), here);

    expect(execFileSync("systemd-analyze", ["verify", join(made, name)], { encoding: "utf8", stdio: "pipe" })).toBe("");
    const security = ["security", "--offline=true", "--threshold=20", join(folder, name)];
    expect(execFileSync("systemd-analyze", security, { encoding: "utf8" })).toMatch(/exposure level .*: [01]\.\d OK/);
  } finally {
    rmSync(made, { recursive: true });
  }
});
