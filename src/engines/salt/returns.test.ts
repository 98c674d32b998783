import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { SaltReturn } from "./jobs.ts";
import { nativeResult } from "./native-result.ts";
import { readAnswer, readPiece } from "./orders.ts";
import { stateSteps } from "./states.ts";

/** What comes back from minions, with everything that a hostile one could make of it. */

function returned(value: unknown, changes: Partial<SaltReturn> = {}): SaltReturn {
  return { value, code: 0, success: true, trimmed: false, ...changes };
}

describe("an answer of the engine's own program", () => {
  test("is found in what the command printed, and is never guessed", () => {
    const good = readAnswer(returned({ stdout: 'talk\nomserver {"exit": 0}\n', stderr: "", retcode: 0 }));
    const refused = readAnswer(returned({ stdout: 'omserver {"refused": "no"}', stderr: "" }));
    const broken = readAnswer(returned({ stdout: 'omserver {"broken": "disk full"}', stderr: "" }));
    const noPython = readAnswer(returned({ stdout: "", stderr: "no Python 3", retcode: 125 }));
    const crashed = readAnswer(returned({ stdout: "", stderr: "Traceback …\nMemoryError", retcode: 1 }));
    const damaged = readAnswer(returned({ stdout: "omserver {", stderr: "", retcode: 0 }));
    const blocked = readAnswer(returned("'cmd.run_all' is not available."));

    expect(good).toEqual({ kind: "answer", value: { exit: 0 } });
    expect(refused).toEqual({ kind: "refused", reason: "no" });
    expect(noPython.kind).toBe("refused");
    expect(blocked.kind).toBe("refused");
    for (const answer of [broken, crashed, damaged, readAnswer(returned(null)), readAnswer(returned([1]))])
      expect(answer.kind).toBe("lost");
    expect(readAnswer(returned("VALUE_TRIMMED", { trimmed: true })).kind).toBe("lost");
  });

  test("brings no more bytes than it says, and none that unpack without end", () => {
    const data = (bytes: Uint8Array) => deflateSync(bytes).toString("base64");

    expect(readPiece({ at: 3, bytes: 2, data: data(Buffer.from("ab")) }, 10)).toEqual({
      at: 3,
      data: Buffer.from("ab"),
    });
    expect(readPiece({ at: 0, bytes: 5, data: data(Buffer.alloc(50_000_000)) }, 10)).toBeUndefined();
    expect(readPiece({ at: 0, bytes: 5, data: data(Buffer.from("ab")) }, 10)).toBeUndefined();
    expect(readPiece({ at: 0, bytes: 1e9, data: "" }, 10)).toBeUndefined();
    for (const value of [null, 1, {}, { at: -1, bytes: 0, data: "" }, { at: 0, bytes: 1, data: "no base64 !" }])
      expect(readPiece(value, 10)).toBeUndefined();
  });
});

describe("a return of Salt's own functions", () => {
  test("that Salt cut is partial, and says what to raise", () => {
    const result = nativeResult("cmd.run", returned("VALUE_TRIMMED", { trimmed: true }), 3, "read");

    expect(result.ending).toMatchObject({ state: "ok", lost: true });
    expect(result.events).toEqual([
      { kind: "notice", position: 3, message: expect.stringContaining("max_event_size") },
    ]);
  });

  test("of states is told step by step, bounded, whatever its fields are", () => {
    const states = {
      "file_|-b_|-/b_|-managed": { result: null, changes: { diff: "x".repeat(100_000) }, __run_num__: 1, duration: -5 },
      "test_|-a_|-a_|-nop": { result: true, changes: {}, comment: ["one", 2, "two"], __run_num__: 0 },
      [`cmd_|-${"c".repeat(500)}_|-c_|-run`]: { result: false, changes: [], comment: "y".repeat(10_000) },
      "pkg_|-d_|-d_|-installed": { result: true, changes: { nginx: { old: "", new: "1.2" } }, __run_num__: "5" },
      "odd_|-e_|-e_|-run": "no object",
    };

    const steps = stateSteps(states, 0);

    expect(steps.map((step) => [step.name.slice(0, 3), step.status])).toEqual([
      ["a", "ok"],
      ["b", "changed"],
      ["ccc", "failed"],
      ["d", "changed"],
      ["e", "ok"],
    ]);
    expect(steps[0]?.message).toBe("one\ntwo");
    expect(Buffer.byteLength(steps[1]?.diff ?? "")).toBeLessThanOrEqual(65_536);
    expect(steps[1]?.diff).toMatch(/cut/);
    expect(steps[1]).not.toHaveProperty("milliseconds");
    expect(steps[2]?.name.length).toBe(200);
    expect(steps[2]?.message?.length).toBe(4096);
    expect(steps[3]?.diff).toContain('"new": "1.2"');
  });

  test("that is no state is not taken for one", () => {
    const looksLike = nativeResult("test.kwarg", returned({ "a_|-b_|-c_|-d": {}, plain: 1 }), 0, "read");

    expect(looksLike.events).toEqual([]);
    expect(JSON.parse(Buffer.from(looksLike.stdout).toString())).toEqual({ "a_|-b_|-c_|-d": {}, plain: 1 });
  });
});
