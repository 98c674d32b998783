import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `listen` is given all that it has said so far, whenever it says more. */
function omserver(
  args: readonly string[],
  listen: (child: ChildProcess, said: string) => void = () => undefined,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn("bin/omserver", args, { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      listen(child, stdout + stderr);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      listen(child, stdout + stderr);
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** The processes of its SSH servers: those of its children that are the fleet's. */
function fleetOf({ pid }: ChildProcess): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
  return children.filter((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").includes("fleet-process"));
}

function demoFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "omserver-demo-"));
  folders.push(folder);
  return folder;
}

describe("omserver demo", () => {
  it("runs two modules over every host of its fleet and folds what they answer", async () => {
    const data = join(demoFolder(), "data");

    const ended = await omserver(["demo", "--once", "--hosts", "7", "--listen", "127.0.0.1:0", "--data", data]);

    expect(ended.stderr).not.toContain("Error");
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain("Imported 7 hosts.");
    expect(ended.stdout.match(/7 of 7 hosts ok/g)).toHaveLength(2);
    expect(ended.stdout).toMatch(/7 × ok \(exit 0\): .*\[/);
  }, 60_000);

  it("ends with 1 when hosts of its fleet do not answer, and says which", async () => {
    const data = join(demoFolder(), "data");
    const args = ["demo", "--once", "--hosts", "5", "--listen", "127.0.0.1:0", "--data", data];
    const fallen: number[] = [];

    const ended = await omserver(args, (child, said) => {
      if (fallen.length > 0 || !said.includes("Importing the fleet")) return;
      fallen.push(...fleetOf(child));
      for (const pid of fallen) process.kill(pid, "SIGKILL");
    });

    expect(fallen.length).toBeGreaterThan(0);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain("Imported 5 hosts.");
    expect(ended.stdout).toMatch(/\b0 of 5 hosts ok/);
    expect(ended.stdout).toMatch(/5 × unreachable: .*\[/);
  }, 60_000);

  it("does not empty a folder that it did not make", async () => {
    const folder = demoFolder();
    writeFileSync(join(folder, "precious"), "keep");

    const ended = await omserver(["demo", "--once", "--data", folder]);

    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(folder);
    expect(readFileSync(join(folder, "precious"), "utf8")).toBe("keep");
  });

  it("refuses a number of hosts that it cannot make", async () => {
    const ended = await omserver(["demo", "--hosts", "2001"]);

    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("1 to 2000");
  });
});
