import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { minionCall, newNonce, readAnswer, readPiece } from "./orders.ts";

/** The call as a minion makes it: the shell's parent is a Python. */
const minion = `
import json, os, subprocess, sys
call = json.load(sys.stdin)
if "gone" in call:
    os.unlink(os.readlink("/proc/self/exe"))
done = subprocess.run(call["cmd"], input=call["stdin"].encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
print(json.dumps({"stdout": done.stdout.decode(), "stderr": done.stderr.decode(), "retcode": done.returncode}))
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "omserver-salt-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function carriedOut(python: string, environment: Record<string, string>, more: Record<string, unknown>) {
  const id = newNonce();
  const { kwarg } = minionCall({
    ...{ do: "run", kind: "command", check: false, id, drop: [], environment: {} },
    ...{ argv: ["sh", "-c", 'printf "$0"; readlink "/proc/$PPID/exe" >&2'], outputBytes: 4096 },
    ...{ inlineBytes: 4096, inlineRoom: 4096, runMilliseconds: 60_000 },
  });
  const out = execFileSync(python, ["-c", minion], {
    encoding: "utf8",
    env: { ...process.env, ...environment },
    input: JSON.stringify({ ...kwarg, ...more }),
  });
  const kept = `/var/tmp/.omserver-${userInfo().uid}`;
  for (const name of readdirSync(kept)) if (name.startsWith(id)) rmSync(join(kept, name), { recursive: true });
  return readAnswer({ value: JSON.parse(out), code: 0, success: true, trimmed: false });
}

function text(value: unknown): string {
  return Buffer.from(readPiece(value, 4096)?.data ?? "").toString();
}

describe("an order on a minion", () => {
  const own = execFileSync("python3", ["-c", 'import os; print(os.readlink("/proc/self/exe"))'], { encoding: "utf8" });

  test("is carried out by the Python that the minion runs on", () => {
    const answer = carriedOut("python3", {}, {});

    expect(answer).toMatchObject({ kind: "answer", value: { exit: 0 } });
    if (answer.kind !== "answer") return;
    expect(text(answer.value.out)).toBe("sh");
    expect(text(answer.value.err)).toBe(own);
  });

  test("is carried out by another where that was replaced since the minion began", () => {
    const copy = join(folder, "python3");
    execFileSync("cp", [own.trim(), copy]);
    const home = execFileSync("python3", ["-c", "import sys; print(sys.base_prefix)"], { encoding: "utf8" }).trim();

    const answer = carriedOut(copy, { PYTHONHOME: home }, { gone: true });

    expect(answer).toMatchObject({ kind: "answer", value: { exit: 0 } });
    if (answer.kind !== "answer") return;
    expect(text(answer.value.err)).toMatch(/\/python3[^/]*\n$/);
  });
});

describe("a piece of output", () => {
  test("is taken as it is or compressed, and not when its length is not what it says", () => {
    const raw = Buffer.from([0, 255, 10]).toString("base64");

    expect(readPiece({ at: 0, bytes: 3, raw }, 100)?.data).toEqual(Buffer.from([0, 255, 10]));
    expect(readPiece({ at: 0, bytes: 4, raw }, 100)).toBeUndefined();
    expect(readPiece({ at: 0, bytes: 3, raw }, 2)).toBeUndefined();
    expect(readPiece({ at: 0, bytes: 0, data: "" }, 100)?.data).toEqual(new Uint8Array());
  });
});
