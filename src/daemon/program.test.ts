import { execFile } from "node:child_process";
import { expect, it } from "vitest";

/** What a shell line with `omserver` in it prints to stderr, and its exit code. */
function shell(line: string): Promise<string> {
  return new Promise((resolve) => {
    execFile("/bin/bash", ["-o", "pipefail", "-c", line], (error, _stdout, stderr) => {
      resolve(`${error?.code ?? 0}: ${stderr.trim()}`);
    });
  });
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function omserver(...args: string[]): Promise<Ended> {
  const environment = { ...process.env, HOME: "/nonexistent", XDG_CONFIG_HOME: "/nonexistent", OMSERVER_URL: "" };
  return new Promise((resolve) => {
    execFile("bin/omserver", args, { env: environment }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

it.each([
  [["hosts", "list", "--colour", "--json"], "unknown option '--colour'"],
  [["--json", "hosts", "list", "--colour"], "unknown option '--colour'"],
  [["--json", "hosts", "shwo"], "unknown command 'shwo'"],
  [["--json", "hosts", "show"], "missing required argument 'host'"],
  [["--json"], "A command is missing"],
])("tells wrong usage as JSON: %j", async (args, message) => {
  const { code, stdout, stderr } = await omserver(...args);

  expect([code, stdout]).toEqual([2, ""]);
  expect(JSON.parse(stderr)).toEqual({
    code: "request.invalid",
    message: expect.stringContaining(message),
    problems: [],
  });
});

it("takes --json before the command, and tells a refusal by it", async () => {
  const { code, stderr } = await omserver("--json", "hosts", "list");

  expect(code).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({ code: expect.stringMatching(/^(?:access|request)\./) });
});

it("leaves a host's command its own --json, and people their text", async () => {
  const { code, stderr } = await omserver("run", "--colour", "--query", "all", "--", "tool", "--json");

  expect(code).not.toBe(0);
  expect(() => JSON.parse(stderr)).toThrow();
});

it("says that its output has no room, without a stack", async () => {
  expect(await shell("bin/omserver completion bash >/dev/full")).toBe(
    "1: omserver: The output cannot be written: no room is left there.",
  );
});

it("ends quietly when its reader has gone", async () => {
  expect(await shell("bin/omserver completion bash | { read -r line; }")).toBe("0: ");
});
