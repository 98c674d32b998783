import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyCounts } from "../../contract/states.ts";
import { type LiveFrame, serverSentEvents } from "./live-stream.ts";
import { flagHelp, flagsOf, readFlags } from "./module-flags.ts";
import {
  type ExecutionRow,
  groupsOf,
  outcomeText,
  progressText,
  type RunRow,
  viewLines,
  withFrame,
} from "./run-view.ts";

function executionOf(position: number, change: Partial<ExecutionRow> = {}): ExecutionRow {
  return {
    position,
    hostId: position + 1,
    hostName: `web${String(position + 1).padStart(2, "0")}`,
    address: "10.0.0.1",
    engine: "ssh",
    wave: 0,
    state: "ok",
    exitCode: 0,
    signal: "",
    reason: "",
    stdoutBytes: 0,
    stderrBytes: 0,
    liveSeq: 1,
    ...change,
  };
}

const run: RunRow = {
  id: 12,
  uid: "u",
  state: "running",
  needsAttention: false,
  reason: "",
  counts: { ...emptyCounts(), ok: 2, failed: 1, running: 1 },
  hostCount: 4,
  liveSeq: 1,
  moduleId: 1003,
  moduleVersion: 1,
  moduleKey: "os-version",
  moduleName: { zh: "查看系统版本", en: "View the OS version" },
  danger: "read",
  parameters: {},
  query: "web*",
  planSha256: "",
  width: 10,
  becomeUser: "",
  timeoutMilliseconds: 1000,
  check: false,
  requestedBy: "root",
  createdAt: 0,
};

const executions = [
  executionOf(0, { stdoutSha256: "aa" }),
  executionOf(1, { stdoutSha256: "aa" }),
  executionOf(2, { state: "failed", exitCode: 3, reason: "Exit code 3\u001b[2J" }),
  executionOf(3, { state: "running", exitCode: undefined, stdoutBytes: 7 }),
];

describe("the live view", () => {
  it("puts identical answers together, the worst first", () => {
    const groups = groupsOf(executions);
    expect(groups.map((group) => [outcomeText(group), group.count, group.hosts])).toEqual([
      ["failed, exit 3", 1, "web03"],
      ["ok", 2, "web[01-02]"],
      ["running", 1, "web04"],
    ]);
    expect(outcomeText({ state: "failed", signal: "KILL" })).toBe("failed by KILL");
    expect(outcomeText({ state: "timed_out", signal: "" })).toBe("timed out");
  });

  it("takes frames in as they come: a frame twice changes nothing", () => {
    const frame: LiveFrame = { seq: 3, run, executions };
    const later: LiveFrame = { seq: 4, run, executions: [executionOf(3)] };
    const view = withFrame(withFrame(withFrame(undefined, frame), later), later);
    expect([...view.executions.values()].map(({ state }) => state)).toEqual(["ok", "ok", "failed", "ok"]);
  });

  it("fits the terminal and shows nothing of a host as a control", () => {
    const view = withFrame(undefined, { seq: 1, run, executions });
    const lines = viewLines(view, { columns: 100, rows: 24 }, ({ state }) =>
      state === "ok" ? "Debian 12" : undefined,
    );
    expect(lines).toEqual([
      "Run 12  View the OS version  running  3 of 4 done: 2 ok, 1 failed; 1 running",
      "     1  failed, exit 3    web03  Exit code 3\\x1b[2J",
      "     2  ok                web[01-02]  Debian 12",
      "     1  running           web04",
    ]);
    const small = viewLines(view, { columns: 30, rows: 5 }, () => undefined);
    expect(small).toHaveLength(4);
    expect(small.every((line) => line.length < 30)).toBe(true);
    expect(small.at(-1)).toContain("1 more groups");
    expect(progressText({ run: { ...run, counts: { ...emptyCounts(), ok: 4 } } })).toBe("4 of 4 done: 4 ok");
  });
});

describe("server-sent events", () => {
  const text =
    ': hello\r\nretry: 1\r\n\r\nid: 1\r\nevent: run\r\ndata: {"a":\r\ndata: "é"}\r\n\r\ndata:x\n\nevent: end\ndata: {}\n\ndata: cut';

  it("come out whole however the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), async (cuts) => {
        const events = [];
        for await (const event of serverSentEvents(pieces(text, cuts))) events.push(event);
        expect(events).toEqual([
          { name: "run", data: '{"a":\n"é"}' },
          { name: "message", data: "x" },
          { name: "end", data: "{}" },
        ]);
      }),
    );
  });
});

async function* pieces(text: string, cuts: readonly number[]): AsyncGenerator<Uint8Array, void> {
  const bytes = Buffer.from(text);
  for (let at = 0, next = 0; at < bytes.length; next++) {
    const length = cuts[next % cuts.length] ?? 1;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

const flags = flagsOf({
  type: "object",
  properties: {
    service: { type: "string", enum: ["nginx", "haproxy"], title: "Service" },
    max_lines: { type: "integer", default: 10 },
    force: { type: "boolean", default: false },
    width: { type: "number" },
    secret: { type: "string", format: "password" },
  },
  required: ["service"],
});

describe("a module's flags", () => {
  it("come from its JSON Schema", () => {
    expect(flagHelp(flags).split("\n")).toEqual([
      "  --service <nginx|haproxy>  Service (required)",
      "  --max-lines <integer>      (default 10)",
      "  --force, --no-force        (default false)",
      "  -p width=<number>",
      expect.stringMatching(/^ {2}--secret <string> {10}\(a secret: @path/),
    ]);
  });

  it("give typed values", () => {
    const values = readFlags(flags, ["--service", "nginx", "--max-lines=5", "--no-force"], ["width=1.5", "secret=a=b"]);
    expect(Object.fromEntries(values)).toEqual({
      service: "nginx",
      max_lines: 5,
      force: false,
      width: 1.5,
      secret: "a=b",
    });
    expect(readFlags(flags, ["--service=-oProxyCommand=id"]).get("service")).toBe("-oProxyCommand=id");
  });

  it.each([
    [["--nothing"], []],
    [["word"], []],
    [["--max-lines", "x"], []],
    [["--max-lines="], []],
    [["--service"], []],
    [[], ["nothing=1"]],
    [[], ["service"]],
    [[], ["force=perhaps"]],
    [["--__proto__", "x"], []],
  ])("%j %j are refused", (words, given) => {
    expect(() => readFlags(flags, words, given)).toThrow(expect.objectContaining({ code: "module.parameters" }));
  });
});
