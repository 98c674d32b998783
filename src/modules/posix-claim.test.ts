import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Writable } from "node:stream";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../test/testkit/engine-run.ts";
import { taskParts } from "./posix.ts";
import {
  type ClaimOptions,
  claimedProgram,
  claimName,
  followProgram,
  removeProgram,
  settledLine,
} from "./posix-claim.ts";
import { claimReaderArguments } from "./posix-claim-functions.ts";

const nonce = "0123456789abcdef01234567";
const name = claimName("run/1", 7);
const shells = [
  ["dash", "/bin/dash", "/proc/self/fd"],
  ["dash where descriptors have no names", "/bin/dash", "/nowhere"],
  ["bash", "/bin/bash", "/proc/self/fd"],
  ["busybox", "/bin/busybox", "/proc/self/fd"],
].filter(([, path]) => existsSync(path ?? "")) as [string, string, string][];

let home: string;
/** Where the host shows a shell its own descriptors. */
let descriptors = "/proc/self/fd";
const reader = () => claimReaderArguments.map((text) => text.replaceAll("/proc/self/fd", descriptors));

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "omserver-claim-"));
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
  rmSync(second(), { recursive: true, force: true });
});

const state = () => join(home, ".local/state/omserver");
/** The place of an account without a home. */
const second = () => `/var/tmp/omserver-${basename(home)}`;
const kept = () => (existsSync(state()) ? readdirSync(state()).sort() : []);

const readIfThere = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : "");

interface Said {
  readonly stdout: string;
  readonly stderr: string;
}

const session = () => ({
  argv0: "sh",
  env: { PATH: process.env.PATH ?? "", HOME: home, LOGNAME: basename(home) },
});

/** The end of its input is the loss of the connection. */
function say(shell: string, line: string, rest: string): Said {
  const { stdout, stderr } = spawnSync(shell, reader(), { ...session(), input: line + rest, timeout: 20_000 });
  return { stdout: stdout.toString(), stderr: stderr.toString() };
}

/** A reader whose connection stands; nobody looks at what it says. */
function begin(shell: string): {
  readonly child: ChildProcessByStdio<Writable, null, null>;
  readonly gone: Promise<unknown>;
} {
  const child = spawn(shell, reader(), { ...session(), stdio: ["pipe", "ignore", "ignore"] });
  return { child, gone: new Promise((resolve) => child.once("exit", resolve)) };
}

function startLine(text: string, changes: Partial<ClaimOptions> = {}): string {
  const task = {
    kind: "command" as const,
    argv: ["/bin/sh", "-c", text, "sh", home],
    environment: {},
    secretNames: [],
  };
  const parts = taskParts(task, { nonce, become: false, claimed: true });
  return claimedProgram(parts, { nonce, name, outputBytes: 100_000, ...changes }).line;
}

function followLine(buryAfter?: number): string {
  const bury = buryAfter === undefined ? {} : { buryAfter };
  return followProgram({ nonce, name, stdoutFrom: 0, stderrFrom: 0, ...bury }).line;
}

describe("the name of a claim", () => {
  it("is a file's name whatever the run is called", () => {
    expect(claimName("../../x y;$(id)", 3)).toBe("------x-y---id--3");
  });
});

it("is known to a reader whose command line every login shell takes as one word", () => {
  expect(claimReaderArguments[1]).not.toMatch(/['!\\\n]/);
});

it.each(shells.slice(1))("makes pipes without a process in %s, if descriptors have names", (_, shell, place) => {
  const text = claimReaderArguments[1].replaceAll("/proc/self/fd", place);
  const functions = text.slice(0, text.indexOf("while IFS="));

  const { stdout } = spawnSync(
    shell,
    ["-c", `${functions} om_pipes && echo x >&3 && read -r om_x <&5 && echo "got $om_x"`],
    { argv0: "sh" },
  );

  expect(stdout.toString()).toBe(place.startsWith("/proc") ? "got x\n" : "");
});

describe.each(shells)("a claim in %s", (_, shell, place) => {
  beforeAll(() => {
    descriptors = place;
  });

  const once = 'echo start >>"$1/starts"; printf out; printf err >&2; exit 3';
  const starts = () => readIfThere(join(home, "starts"));

  it("tells output, exit code and end, and leaves nothing once it is settled", () => {
    const said = say(shell, startLine(once), settledLine);

    // The exit code does not wait for the output, so either may come first.
    const mark = `${nonce} exit c3\n`;
    expect(said.stdout).toContain(mark);
    expect(said.stdout.replace(mark, "")).toMatch(new RegExp(`^${nonce} exec \\d+ \\d+\nout${nonce} done both\n$`));
    expect(said.stderr).toBe(`err${nonce} done\n`);
    expect(kept()).toEqual([]);
  });

  it("keeps all of it, in a folder that nobody else can enter, while nobody says that it is settled", () => {
    say(shell, startLine(once), "");

    expect(kept()).toEqual([".b", ".e", ".o"].map((end) => name + end));
    expect(spawnSync("stat", ["-c", "%a", state()]).stdout.toString()).toBe("700\n");
    expect(readFileSync(join(state(), `${name}.b`), "utf8")).toMatch(
      new RegExp(`^\\d+ \\d+ ${nonce}\n\\d+\nx c3\nd\n$`),
    );
  });

  it("starts once, however often it is sent", () => {
    say(shell, startLine(once), "");

    const again = [say(shell, startLine(once), ""), say(shell, startLine(once, { againAfter: 0 }), "")];

    for (const said of again) expect(said.stdout).toBe(`${nonce} taken\n`);
    expect(starts()).toBe("start\n");
  });

  it("tells what was kept to whoever follows, then nothing is left", () => {
    say(shell, startLine(once), "");

    const said = say(shell, followLine(), settledLine);

    expect(said.stdout).toMatch(new RegExp(`^${nonce} found ${nonce} \\d+ 0 \\d+\nout${nonce} exit c3\n`));
    expect(said.stdout.endsWith(`${nonce} done both\n`)).toBe(true);
    expect(said.stderr).toBe(`err${nonce} done\n`);
    expect(kept()).toEqual([]);
  });

  it("tells a signal from an exit code that looks like it", () => {
    const killed = say(shell, startLine("kill -TERM $$"), settledLine);
    const exited = say(shell, startLine("exit 143"), settledLine);

    expect(killed.stdout).toContain(`${nonce} exit sTERM\n`);
    expect(exited.stdout).toContain(`${nonce} exit c143\n`);
  });

  it("leaves a shell that takes the next one as the first, and forgets what it was given", () => {
    const where = 'pwd; printf "%s|" "$PATH" "$om_n"; trap; exec 2>/dev/null; cat <&6 || echo closed';
    const next = (number: number, text: string) =>
      startLine(text, { name: `${name}-${number}`, again: number > 1 }) + settledLine;
    const input = [next(1, where), next(2, where), next(3, "kill -TERM $$"), next(4, "exit 7")].join("");

    const said = say(shell, input, "om:echo $om_s; om_task; echo ready; set -o | grep noclobber; exit 0\n");

    const [first, second, third, fourth, rest = ""] = said.stdout.split(`${nonce} done\n`);
    const own = (text = "") => text.replace(/^.* exec .*\n/, "").replace(`${nonce} exit c0\n`, "");
    expect(own(first)).toContain("||");
    expect(own(second)).toBe(own(first));
    expect(third).toContain(`${nonce} exit sTERM\n`);
    expect(fourth).toContain(`${nonce} exit c7\n`);
    expect(rest).toMatch(/^\nready\nnoclobber\s+off\n$/);
    expect(kept()).toEqual([]);
  });

  it("empties what is settled at once, and removes it when its shell ends or has left a few", async () => {
    const { child, gone } = begin(shell);
    const claims = () => kept().filter((file) => file.endsWith(".b"));
    const isSettled = (number: number) => readIfThere(join(state(), `${name}-${number}.b`)).endsWith("\nd\ns\n");
    const most: number[] = [];

    for (let number = 1; number <= 20; number += 1) {
      const before = claims();
      child.stdin.write(startLine(once, { name: `${name}-${number}`, again: number > 1 }) + settledLine);
      await until("it is settled", () => isSettled(number) || (before.length > 1 && claims().length === 0));
      most.push(claims().length);
    }
    const left = kept()
      .filter((file) => !file.endsWith(".b"))
      .map((file) => readIfThere(join(state(), file)));
    child.stdin.end();
    await gone;

    expect(starts()).toBe("start\n".repeat(20));
    expect(most[0]).toBe(1);
    expect(Math.max(...most)).toBeGreaterThan(1);
    expect(Math.max(...most)).toBeLessThanOrEqual(8);
    expect(new Set(left)).toEqual(new Set([""]));
    expect(kept()).toEqual([]);
  });

  it("that is settled but not yet removed is not told as if its output were whole", async () => {
    const { child, gone } = begin(shell);
    child.stdin.write(startLine(once) + settledLine);
    await until("it is settled", () => readIfThere(join(state(), `${name}.b`)).endsWith("\ns\n"));

    const again = say(shell, startLine(once), "");
    const followed = say(shell, followLine(), "");
    child.stdin.end();
    await gone;

    expect(again.stdout).toBe(`${nonce} taken\n`);
    expect(followed.stdout).toContain(`${nonce} lost`);
    expect(followed.stdout).not.toContain(`${nonce} exit`);
  });

  it("takes nothing for a program that was meant to be the command's input", () => {
    const task = {
      kind: "command" as const,
      argv: ["true"],
      environment: {},
      secretNames: [],
      stdin: Buffer.from("x"),
    };
    const parts = taskParts(task, { nonce, become: false, claimed: true });
    const program = claimedProgram(parts, { nonce, name, outputBytes: 100_000 });

    const said = say(shell, program.line, `${Buffer.from(program.input ?? [])}${settledLine}om:echo evil; exit 0\n`);

    expect(program.goesOn).toBe(false);
    expect(said.stdout).toContain(`${nonce} exit c0\n`);
    expect(said.stdout).not.toContain("evil");
  });

  it("says that there is none, and changes nothing by that", () => {
    expect(say(shell, followLine(), "").stdout).toBe(`${nonce} none\n`);
    expect(kept()).toEqual([]);
  });

  it("is never made once a tombstone stands in its place", () => {
    const buried = say(shell, followLine(0), "");
    const late = say(shell, startLine(once), "");
    const later = say(shell, followLine(), "");

    expect(buried.stdout).toBe(`${nonce} never\n`);
    expect(late.stdout).toBe(`${nonce} taken\n`);
    expect(later.stdout).toBe(`${nonce} never\n`);
    expect(starts()).toBe("");
  });

  it("is not made anew on a host that is up for less than the time since, nor buried there", () => {
    const century = 100 * 365 * 86_400;

    expect(say(shell, startLine(once, { againAfter: century }), "").stdout).toBe(`${nonce} restarted\n`);
    expect(say(shell, followLine(century), "").stdout).toBe(`${nonce} restarted\n`);
    expect(starts()).toBe("");
    expect(kept()).toEqual([]);
  });

  it("whose wrapper was killed is told as lost, with what it had kept", async () => {
    const { child, gone } = begin(shell);
    child.stdin.write(startLine('printf out; while [ -d "$1" ]; do sleep 0.05; done'));
    await until("the output is kept", () => readIfThere(join(state(), `${name}.o`)).endsWith("out"));
    child.kill("SIGKILL");
    await gone;

    const said = say(shell, followLine(), "");

    expect(said.stdout).toContain("\nout");
    expect(said.stdout).toContain(`${nonce} lost`);
  });

  it("that nobody fetched goes after seven days, with one of the next ones; a younger one stays", () => {
    mkdirSync(state(), { recursive: true, mode: 0o700 });
    for (const [old, age] of [
      ["old-1", "9 days ago"],
      ["old-2", "6 days ago"],
    ] as const) {
      for (const end of ["b", "o"]) {
        writeFileSync(join(state(), `${old}.${end}`), "999999 1 x\nx c0\nd\n");
        spawnSync("touch", ["-d", age, join(state(), `${old}.${end}`)]);
      }
    }

    for (let looks = 0; looks < 200 && kept().length > 2; looks++) say(shell, startLine(once), settledLine);

    expect(kept()).toEqual(["old-2.b", "old-2.o"]);
  });

  it("can be taken away when its own connection is gone", () => {
    say(shell, startLine(once), "");

    say(shell, removeProgram(name).line, "");

    expect(kept()).toEqual([]);
  });

  describe.runIf(process.getuid?.() === 0)("where the home's folder belongs to somebody else", () => {
    beforeEach(() => {
      mkdirSync(state(), { recursive: true });
      chmodSync(state(), 0o777);
      spawnSync("chown", ["nobody", state()]);
    });

    it("is made in /var/tmp, and found there", () => {
      say(shell, startLine(once), "");

      expect(kept()).toEqual([]);
      expect(spawnSync("stat", ["-c", "%a", second()]).stdout.toString()).toBe("700\n");
      expect(say(shell, startLine(once, { againAfter: 0 }), "").stdout).toBe(`${nonce} taken\n`);
      expect(say(shell, followLine(), settledLine).stdout).toContain(`${nonce} exit c3\n`);
      expect(readdirSync(second())).toEqual([]);
    });

    it("is not made through a link that somebody put there", () => {
      symlinkSync(home, second());

      const said = say(shell, startLine(once), "");

      expect(said.stdout).toBe(`${nonce} bare\n`);
      expect(starts()).toBe("");
    });
  });
});
