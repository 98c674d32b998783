// biome-ignore-all lint/suspicious/noTemplateCurlyInString: text for the shell of a host
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import type { EngineHost, Task } from "../../src/contract/engine.ts";
import type { EngineUnderTest } from "./engine-conformance.ts";
import { command, type JobChanges, makeJob, type Outcome, runJob, script, until } from "./engine-run.ts";

/** Values that a careless program would take for something else than data. */
export const hostileTexts = [
  "",
  " ",
  "plain",
  "two  words",
  "'",
  "''",
  '"',
  "`touch canary`",
  "$(touch canary)",
  "${HOME}",
  "$HOME",
  "; touch canary",
  "| touch canary",
  "&& touch canary",
  "> canary",
  "\n touch canary\n",
  "line\n",
  "\nline\n\nline",
  "\\",
  "\\n\\0\\c",
  "\\'",
  "!!",
  "#comment",
  "~",
  "*",
  "[a-z]*",
  "{a,b}",
  "{{7*7}}",
  "${7*7}",
  "%s%n%d",
  "-oProxyCommand=touch canary",
  "--help",
  "__proto__",
  "om:touch canary",
  "om_end",
  "\r\n",
  "\t\u0001\u001b[31m\u007f",
  "中文 主机 丁一 áàâ \u0081\u0088 🐧",
  "\ufeff\u2028\u202e",
  "a".repeat(20_000),
];

/** Promises about hosts that are this machine with a POSIX shell; see `posix` of {@link EngineUnderTest}. */
export function describePosixHosts(get: () => EngineUnderTest): void {
  function run(
    task: Task,
    changes: JobChanges = {},
    hosts?: readonly EngineHost[],
    signal?: AbortSignal,
  ): Promise<Outcome> {
    const under = get();
    return runJob(under.engine, makeJob(under.context, hosts ?? under.hosts(1), task, changes), signal);
  }
  function folder(): string {
    const { posix } = get();
    if (posix === undefined) throw new Error("not a POSIX host");
    return posix.folder;
  }
  /** A test that only makes sense where tasks run for real on this machine. */
  function itReally(title: string, test: () => Promise<void>, milliseconds?: number): void {
    const really = async (context: TestContext) => {
      if (get().posix === undefined) context.skip();
      await test();
    };
    if (milliseconds === undefined) it(title, really);
    else it(title, really, milliseconds);
  }

  describe("with real hosts", () => {
    itReally(
      "runs 300 hosts at once, and brings every exit code as it is",
      async () => {
        const count = 300;
        const numbered = `exec 9>>"$1/lock"; flock 9; n=$(cat "$1/count" 2>/dev/null || echo 0); echo $((n+1)) >"$1/count"; exec 9>&-; echo "$n"; exit $((n % 256))`;
        const place = join(folder(), "numbers");
        mkdirSync(place);

        const outcome = await run(
          command(["/bin/sh", "-c", numbered, "sh", place]),
          { width: count },
          get().hosts(count),
        );

        const numbers = get()
          .hosts(count)
          .map(({ position }) => Number(outcome.stdout(position).toString()));
        const codes = [...outcome.ended.values()].map(({ position, exitCode }) => [position, exitCode]);
        expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, number) => number));
        expect(new Map(codes as [number, number][])).toEqual(
          new Map(numbers.map((n, position) => [position, n % 256])),
        );
        expect(outcome.end(numbers.indexOf(0)).state).toBe("ok");
        expect(outcome.end(numbers.indexOf(255)).state).toBe("failed");
      },
      300_000,
    );

    itReally("tells a signal from an exit code", async () => {
      for (const signal of ["TERM", "KILL", "ABRT", "HUP", "USR1"]) {
        const outcome = await run(command(["/bin/sh", "-c", `kill -${signal} $$`]));

        expect(outcome.end()).toMatchObject({ state: "failed", signal, reason: expect.stringContaining(signal) });
        expect(outcome.end()).not.toHaveProperty("exitCode");
      }
    });

    itReally("says what is wrong when the program is not there", async () => {
      const outcome = await run(command(["/nowhere/program"]));

      expect(outcome.end()).toMatchObject({ state: "failed", exitCode: 127 });
      expect(outcome.stderr().toString()).toContain("/nowhere/program");
    });

    itReally("brings bytes that are no text unchanged, on both streams", async () => {
      const file = join(folder(), "bytes");
      const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7 + (index >> 8)) & 255));
      writeFileSync(file, bytes);

      const outcome = await run(command(["/bin/sh", "-c", 'cat "$1"; cat "$1" >&2', "sh", file]));

      expect(outcome.stdout().equals(bytes)).toBe(true);
      expect(outcome.stderr().equals(bytes)).toBe(true);
    });

    itReally("brings every argument literally", async () => {
      const canary = join(folder(), "canary");
      const outcome = await run(
        command(["/bin/sh", "-c", 'cd "$1" && shift && printf "%s\\0" "$@"', "sh", folder(), ...hostileTexts]),
      );

      expect(outcome.stdout().toString().split("\0").slice(0, -1)).toEqual(hostileTexts);
      expect(existsSync(canary)).toBe(false);
    });

    itReally("brings every environment entry literally", async () => {
      const environment = Object.fromEntries(hostileTexts.map((text, index) => [`OM_VALUE_${index}`, text]));
      const outcome = await run(command(["env", "-0"], { environment }));

      const entries = outcome.stdout().toString().split("\0");
      for (const [name, value] of Object.entries(environment)) expect(entries).toContain(`${name}=${value}`);
    });

    itReally("runs nothing for an argument, a name or a script that no program can take", async () => {
      const tasks = [
        command(["printf", "a\0b"]),
        command([]),
        command(["-x"]),
        command(["true"], { environment: { "BAD NAME": "x" } }),
        command(["true"], { environment: { OM: "a\0b" } }),
        script("echo a\0b"),
      ];

      for (const task of tasks) {
        const outcome = await run(task);
        expect(outcome.end()).toMatchObject({ state: "not_started", reason: expect.stringMatching(/\w/) });
        expect(outcome.stdout().length).toBe(0);
      }
    });

    itReally("gives the command an empty input, or the one that was given", async () => {
      const empty = await run(command(["cat"]));
      const stdin = Buffer.concat([Buffer.from([0, 255, 10, 13]), Buffer.alloc(300_000, "x")]);
      const given = await run(command(["cat"], { stdin }));

      expect(empty.end()).toMatchObject({ state: "ok", stdoutBytes: 0 });
      expect(given.stdout().equals(stdin)).toBe(true);
    });

    itReally("finds the programs of the system folders", async () => {
      const outcome = await run(command(["/bin/sh", "-c", "echo $PATH"]));

      for (const path of ["/usr/bin", "/bin", "/usr/sbin", "/sbin"])
        expect(outcome.stdout().toString().trim().split(":")).toContain(path);
    });

    itReally("keeps secrets out of every process list", async () => {
      const secret = "canary-4e1f9a";
      const look =
        'printf "%s" "$OM_PASSWORD"; ps -eww -o args >&2; cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " " >&2';

      const outcome = await run(
        command(["/bin/sh", "-c", look], { environment: { OM_PASSWORD: secret }, secretNames: ["OM_PASSWORD"] }),
      );

      expect(outcome.stdout().toString()).toBe(secret);
      expect(outcome.stderr().toString()).toContain("ps -eww");
      expect(outcome.stderr().toString()).not.toContain(secret);
    });

    itReally("runs a script with its arguments and environment, whichever the interpreter", async () => {
      const shell = await run(
        script('printf "%s|" "$@"; printf "%s" "$OM_X"; read line && echo "input: $line"; exit 7', {
          arguments: ["a b", "$(touch canary)", "-x"],
          environment: { OM_X: "it's" },
        }),
      );
      const python = await run(
        script("import sys\nprint(sys.argv[1:], end='')\nsys.exit(9)\n", {
          interpreter: ["python3", "-B"],
          arguments: ["中文", "\n"],
        }),
      );

      expect(shell.stdout().toString()).toBe("a b|$(touch canary)|-x|it's");
      expect(shell.end()).toMatchObject({ state: "failed", exitCode: 7 });
      expect(python.stdout().toString()).toBe("['中文', '\\n']");
      expect(python.end()).toMatchObject({ state: "failed", exitCode: 9 });
    });

    itReally("runs a script of 300 kB with any text in it", async () => {
      const lines = Array.from(
        { length: 3000 },
        (_, index) => `: '${index} 中文 丁一 \u0081\u0088 $HOME \`x\` om_end ${"y".repeat(60)}'`,
      );
      const text = `${lines.join("\n")}\nom_end\nprintf '%s' 'it ran to its end: \\ "丁"'`;

      const outcome = await run(script(`${text.replace("\nom_end\n", "\n")}`));

      expect(Buffer.byteLength(text)).toBeGreaterThan(300_000);
      expect(outcome.stdout().toString()).toBe('it ran to its end: \\ "丁"');
      expect(outcome.stderr().toString()).toBe("");
      expect(outcome.end().state).toBe("ok");
    });

    itReally("ends the whole process tree when cancelled, also what ignores TERM", async () => {
      const mark = `77${Math.floor(Math.random() * 1e7)}`;
      const cancel = new AbortController();
      const tree = `trap "" TERM; sleep ${mark}1 & (sleep ${mark}2 & sleep ${mark}3) & setsid sleep ${mark}4 & sleep ${mark}5`;

      const running = run(command(["/bin/sh", "-c", tree]), {}, get().hosts(2), cancel.signal);
      await until("all of them run", () => processes(mark) === 10);
      cancel.abort();
      const outcome = await running;

      expect([...outcome.ended.values()].map((event) => event.state)).toEqual(["cancelled", "cancelled"]);
      expect(processes(mark)).toBe(0);
    });

    itReally("ends what ignores TERM in a session of its own, though its parent dies of it at once", async () => {
      const mark = `76${Math.floor(Math.random() * 1e7)}`;
      const cancel = new AbortController();
      const tree = `setsid sh -c 'trap "" TERM; sleep ${mark}1; sleep ${mark}2' & nohup sleep ${mark}3 & sleep ${mark}4`;

      const running = run(command(["/bin/sh", "-c", tree]), {}, get().hosts(2), cancel.signal);
      await until("all of them run", () => processes(mark) === 6);
      cancel.abort();
      const outcome = await running;

      expect([...outcome.ended.values()].map((event) => event.state)).toEqual(["cancelled", "cancelled"]);
      expect(processes(mark)).toBe(0);
    });

    itReally("ends the whole process tree of a task that runs too long, and keeps what it printed", async () => {
      const mark = `78${Math.floor(Math.random() * 1e7)}`;

      const outcome = await run(command(["/bin/sh", "-c", `echo begun; sleep ${mark}1 & sleep ${mark}2`]), {
        limits: { connectMilliseconds: 30_000, runMilliseconds: 3000, outputBytes: 1000 },
      });

      expect(outcome.end()).toMatchObject({ state: "timed_out", stdoutBytes: 6 });
      expect(outcome.stdout().toString()).toBe("begun\n");
      expect(processes(mark)).toBe(0);
    });

    itReally("does not wait for a process that was left in the background with the output open", async () => {
      const mark = `79${Math.floor(Math.random() * 1e7)}`;
      const begun = performance.now();

      const outcome = await run(command(["/bin/sh", "-c", `sleep ${mark} & echo done`]));

      expect(outcome.end()).toMatchObject({ state: "ok", exitCode: 0 });
      expect(outcome.stdout().toString()).toBe("done\n");
      expect(performance.now() - begun).toBeLessThan(20_000);
      await run(command(["pkill", "-f", `sleep ${mark}`]));
    });

    itReally("does not let a host that floods slow the others", async () => {
      const [flooding, ...others] = get().hosts(6);
      if (flooding === undefined) throw new Error("no host");
      const limits = { connectMilliseconds: 30_000, runMilliseconds: 120_000, outputBytes: 100_000 };
      const enough = join(folder(), "enough");
      const endless = 'head -c 1000000000 /dev/zero; until [ -e "$1" ]; do head -c 1000000 /dev/zero; sleep 0.02; done';
      const flood = run(command(["/bin/sh", "-c", endless, "sh", enough]), { limits }, [{ ...flooding, position: 0 }]);

      const rest = await run(command(["echo", "hello"]), { limits }, others);
      writeFileSync(enough, "");
      const outcome = await flood;

      expect([...rest.ended.values()].every((event) => event.state === "ok")).toBe(true);
      expect(outcome.end()).toMatchObject({ state: "ok", output: "truncated" });
      expect(outcome.end().stdoutBytes).toBeGreaterThanOrEqual(1_000_000_000);
      expect(outcome.end().stdoutBytes % 1_000_000).toBe(0);
      expect(outcome.stdout().length).toBe(100_000);
    });

    describe("a file task", () => {
      const content = Buffer.concat([
        Buffer.from("first line\n中文\n"),
        Buffer.from(Array.from({ length: 300_000 }, (_, index) => index & 255)),
      ]);
      const sha256 = createHash("sha256").update(content).digest("hex");
      let last = 0;

      function place(): string {
        last += 1;
        const path = join(folder(), `files ' $(touch canary) ${last}`);
        mkdirSync(path);
        return path;
      }
      function fileTask(destination: string, changes: Partial<Extract<Task, { kind: "file" }>> = {}): Task {
        return {
          kind: "file",
          sha256,
          bytes: content.length,
          destination,
          keepOld: true,
          afterAlways: false,
          ...changes,
        };
      }
      function offering(bytes: Buffer): JobChanges {
        return {
          file: async () =>
            (async function* () {
              for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
            })(),
        };
      }

      itReally("writes the content with its mode and prints one line", async () => {
        const destination = join(place(), "new.conf");

        const outcome = await run(fileTask(destination, { mode: "0640", owner: "root" }), offering(content));

        expect(outcome.stderr().toString()).toBe("");
        expect(outcome.stdout().toString()).toMatch(/^written: .*new\.conf \(\d+ bytes, SHA-256 [0-9a-f]{12}…\)\n$/);
        expect(outcome.end()).toMatchObject({ state: "ok", exitCode: 0 });
        expect(readFileSync(destination).equals(content)).toBe(true);
        expect(statSync(destination).mode & 0o7777).toBe(0o640);
        expect(readdirSync(join(destination, ".."))).toEqual(["new.conf"]);
      });

      itReally("does not write the same content again", async () => {
        const destination = join(place(), "same.conf");
        writeFileSync(destination, content);
        const then = new Date("2020-01-01T00:00:00Z");
        utimesSync(destination, then, then);
        let reads = 0;

        const outcome = await run(fileTask(destination), {
          file: async () => {
            reads += 1;
            return [content] as never;
          },
        });

        expect(outcome.stdout().toString()).toBe(`unchanged: ${destination}\n`);
        expect(statSync(destination).mtime).toEqual(then);
        expect(reads).toBe(0);
      });

      itReally("keeps the old file with its time, and its owner and mode where none were asked", async () => {
        const path = place();
        const destination = join(path, "old.conf");
        writeFileSync(destination, "old text", { mode: 0o604 });

        const outcome = await run(fileTask(destination), offering(content));

        const [old, ...more] = readdirSync(path).filter((name) => name !== "old.conf");
        expect(more).toEqual([]);
        expect(old).toMatch(/^old\.conf\.\d{8}T\d{6}Z~$/);
        expect(readFileSync(join(path, old ?? ""), "utf8")).toBe("old text");
        expect(readFileSync(destination).equals(content)).toBe(true);
        expect(statSync(destination).mode & 0o777).toBe(0o604);
        expect(outcome.stdout().toString()).toContain(old);
      });

      itReally("replaces a link and not what it points to", async () => {
        const path = place();
        const target = join(path, "target");
        writeFileSync(target, "not to be touched");
        symlinkSync(target, join(path, "link"));

        const outcome = await run(fileTask(join(path, "link"), { keepOld: false }), offering(content));

        expect(outcome.end().state).toBe("ok");
        expect(readFileSync(target, "utf8")).toBe("not to be touched");
        expect(readFileSync(join(path, "link")).equals(content)).toBe(true);
      });

      itReally("leaves the old file and nothing else when the content arrives cut", async () => {
        const path = place();
        const destination = join(path, "cut.conf");
        writeFileSync(destination, "old text");
        const short = content.subarray(0, content.length - 1);
        const wrong = Buffer.concat([short, Buffer.from("?")]);

        for (const bytes of [short, wrong]) {
          const outcome = await run(fileTask(destination), offering(bytes));

          const { contentFirst = false } = get().posix ?? {};
          expect(contentFirst ? ["failed", "not_started"] : ["failed"]).toContain(outcome.end().state);
          expect(outcome.stderr().toString() + JSON.stringify(outcome.events)).toMatch(/cut|shorter/);
          expect(readFileSync(destination, "utf8")).toBe("old text");
          expect(readdirSync(path)).toEqual(["cut.conf"]);
        }
      });

      itReally("says what is wrong with the place", async () => {
        const path = place();
        mkdirSync(join(path, "folder"));

        const missing = await run(fileTask(join(path, "missing", "x")), offering(content));
        const aFolder = await run(fileTask(join(path, "folder")), offering(content));
        const relative = await run(fileTask("x/y"), offering(content));
        const owner = await run(fileTask(join(path, "x"), { owner: "nobody-of-that-name" }), offering(content));

        expect(missing.end()).toMatchObject({ state: "failed", exitCode: 1 });
        expect(missing.stderr().toString()).toMatch(/no folder/);
        expect(aFolder.stderr().toString()).toMatch(/is a folder/);
        expect(relative.end().state).toBe("not_started");
        expect(owner.stderr().toString()).toMatch(/owner/);
        expect(readdirSync(path)).toEqual(["folder"]);
      });

      itReally("runs what comes after only when something changed, and hands on its exit code", async () => {
        const destination = join(place(), "after.conf");
        const after = ["/bin/sh", "-c", 'echo "after: $1"; exit 5', "sh", "$(touch canary)"];

        const first = await run(fileTask(destination, { after }), offering(content));
        const second = await run(fileTask(destination, { after }), offering(content));
        const always = await run(fileTask(destination, { after, afterAlways: true }), offering(content));

        expect(first.end()).toMatchObject({ state: "failed", exitCode: 5 });
        expect(first.stdout().toString()).toContain("after: $(touch canary)\n");
        expect(second.end()).toMatchObject({ state: "ok", exitCode: 0 });
        expect(second.stdout().toString()).not.toContain("after:");
        expect(always.end()).toMatchObject({ state: "failed", exitCode: 5 });
      });

      itReally("is written as another user, who then owns it", async () => {
        const user = get().posix?.becomeUser;
        if (user === undefined) return;
        const path = place();
        chmodSync(folder(), 0o755);
        chmodSync(path, 0o777);
        const destination = join(path, "theirs.conf");

        const outcome = await run(fileTask(destination), { ...offering(content), become: { user } });

        expect(outcome.stderr().toString()).toBe("");
        expect(outcome.end().state).toBe("ok");
        expect(readFileSync(destination).equals(content)).toBe(true);
        expect(statSync(destination).uid).not.toBe(statSync(path).uid);
      });

      itReally("that is cancelled half-way leaves the old file and nothing else", async () => {
        const path = place();
        const destination = join(path, "half.conf");
        writeFileSync(destination, "old text");
        const cancel = new AbortController();
        const never = new Promise<never>(() => undefined);
        const bytes = 20 * 1024 * 1024;
        const { contentFirst = false } = get().posix ?? {};
        let half = false;

        const running = run(
          fileTask(destination, { bytes }),
          {
            file: async () =>
              (async function* () {
                yield content;
                half = true;
                await never;
              })(),
          },
          undefined,
          cancel.signal,
        );
        await until("half of it is there", () => (contentFirst ? half : readdirSync(path).length === 2));
        cancel.abort();
        const outcome = await running;

        expect(contentFirst ? ["cancelled", "not_started"] : ["cancelled"]).toContain(outcome.end().state);
        expect(readFileSync(destination, "utf8")).toBe("old text");
        expect(readdirSync(path)).toEqual(["half.conf"]);
      });

      itReally("brings a file that is too large to be kept in memory", async () => {
        const large = Buffer.alloc(17 * 1024 * 1024, content);
        const path = place();
        const task = fileTask(join(path, "large"), {
          sha256: createHash("sha256").update(large).digest("hex"),
          bytes: large.length,
        });

        const outcome = await run(task, offering(large));

        expect(outcome.stderr().toString()).toBe("");
        expect(outcome.end().state).toBe("ok");
        expect(readFileSync(join(path, "large")).equals(large)).toBe(true);
        expect(existsSync(join(folder(), "canary"))).toBe(false);
      });
    });

    describe("as another user", () => {
      itReally("runs the task in that user's name and home, byte-exact", async () => {
        const user = get().posix?.becomeUser;
        if (user === undefined) return;

        const outcome = await run(
          command(["/bin/sh", "-c", "id -un; printf '\\377\\000' ; echo err >&2; exit 4"], {
            environment: { OM_A: "it's" },
          }),
          { become: { user } },
        );

        expect(outcome.stdout()).toEqual(Buffer.concat([Buffer.from(`${user}\n`), Buffer.from([255, 0])]));
        expect(outcome.stderr().toString()).toBe("err\n");
        expect(outcome.end()).toMatchObject({ state: "failed", exitCode: 4 });
      });

      itReally("ends all processes of that user's task when cancelled", async () => {
        const user = get().posix?.becomeUser;
        if (user === undefined) return;
        const mark = `76${Math.floor(Math.random() * 1e7)}`;
        const cancel = new AbortController();

        const running = run(
          command(["/bin/sh", "-c", `sleep ${mark}1 & sleep ${mark}2`]),
          { become: { user } },
          undefined,
          cancel.signal,
        );
        await until("both run", () => processes(mark) === 2);
        cancel.abort();
        const outcome = await running;

        expect(outcome.end().state).toBe("cancelled");
        expect(processes(mark)).toBe(0);
      });

      itReally("starts nothing for a user that is not there", async () => {
        const outcome = await run(command(["touch", join(folder(), "canary")]), {
          become: { user: "nobody-of-that-name" },
        });

        expect(outcome.end()).toMatchObject({
          state: "not_started",
          reason: expect.stringMatching(/nobody-of-that-name/),
        });
        expect(existsSync(join(folder(), "canary"))).toBe(false);
      });
    });
  });
}

/** Processes of this machine that have `mark` in an argument of `sleep`. */
function processes(mark: string): number {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(`sleep\0${mark}`);
    } catch {
      return false;
    }
  }).length;
}
