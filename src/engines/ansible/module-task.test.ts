import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type AnsibleWorld,
  ansibleOfDebian,
  ansibleOfToday,
  startAnsibleWorld,
} from "../../../test/testkit/ansible.ts";
import { hostileTexts } from "../../../test/testkit/engine-conformance-posix.ts";
import { type JobChanges, makeJob, type Outcome, runJob } from "../../../test/testkit/engine-run.ts";
import type { StepEvent } from "../../contract/engine.ts";

describe.each([
  ["today's", ansibleOfToday],
  ["Debian's", ansibleOfDebian],
])("modules of %s Ansible", { timeout: 240_000 }, (_name, programs) => {
  let world: AnsibleWorld;
  beforeAll(async () => {
    world = await startAnsibleWorld({ programs: programs() });
  });
  afterAll(() => world?.close());

  function run(
    name: string,
    values: Readonly<Record<string, unknown>>,
    changes: JobChanges = {},
    count = 1,
  ): Promise<Outcome> {
    const task = { kind: "native", name, arguments: values } as const;
    return runJob(world.engine, makeJob(world.context, world.hosts(count), task, changes));
  }
  function steps(outcome: Outcome): StepEvent[] {
    return outcome.events.filter((event) => event.kind === "step");
  }

  it("tell what they changed, by a step with its difference, and change nothing in a dry run", async () => {
    const path = join(world.folder, "made");
    mkdirSync(path);
    const file = join(path, "x.conf");
    writeFileSync(file, "old\n");

    const dry = await run("ansible.builtin.copy", { content: "new\n", dest: file }, { check: true });
    const dryText = readFileSync(file, "utf8");
    const real = await run("ansible.builtin.copy", { content: "new\n", dest: file });
    const again = await run("ansible.builtin.copy", { content: "new\n", dest: file });

    expect(dryText).toBe("old\n");
    expect(steps(dry)[0]).toMatchObject({ status: "changed", action: "ansible.builtin.copy" });
    expect(steps(dry)[0]?.diff).toMatch(/-old\n\+new\n/);
    expect(readFileSync(file, "utf8")).toBe("new\n");
    expect(steps(real)[0]).toMatchObject({ status: "changed" });
    expect(steps(again)[0]).toMatchObject({ status: "ok" });
    expect(again.end()).toMatchObject({ state: "ok", exitCode: 0 });
  });

  it("fail with their own words", async () => {
    const failed = await run("ansible.builtin.command", { cmd: "/bin/ls /nowhere/at/all" });
    const unknown = await run("ansible.builtin.no_such_module", {});

    expect(failed.end()).toMatchObject({
      state: "failed",
      exitCode: 2,
      reason: expect.stringContaining("/nowhere/at/all"),
    });
    expect(failed.stderr().toString()).toContain("/nowhere/at/all");
    expect(unknown.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("no_such_module") });
  });

  it("keep facts", async () => {
    const outcome = await run("ansible.builtin.setup", { gather_subset: "!all" });

    const facts = outcome.events.find((event) => event.kind === "facts");
    expect(facts).toMatchObject({ facts: { ansible_system: "Linux" } });
  });

  it("take every argument literally, on the host and on the controller", async () => {
    const path = join(world.folder, "literal");
    mkdirSync(path);
    const texts = hostileTexts.filter((text) => text.length < 1000);
    const canary = join(world.folder, "canary");
    const more = [
      `{{ lookup('pipe', 'touch ${canary}') }}`,
      `{% for x in [1] %}${canary}{% endfor %}`,
      "!unsafe x",
      "{{ ansible_user }}",
      "@/etc/passwd",
      `a=b dest=${canary}`,
    ];

    // Each by itself where it stands first or alone, then all of them at once.
    const all = [...more.slice(0, 2), [...more, ...texts].join("\n--\n")];
    for (const [index, text] of all.entries()) {
      const file = join(path, String(index));
      const outcome = await run("ansible.builtin.copy", { content: text, dest: file });

      expect(outcome.end().state).toBe("ok");
      expect(readFileSync(file, "utf8")).toBe(text);
    }
    expect(existsSync(canary)).toBe(false);
    expect(readdirSync(world.folder)).not.toContain("canary");
  });

  it("that run too long are ended, and that is confirmed", async () => {
    const limits = { connectMilliseconds: 30_000, runMilliseconds: 3000, outputBytes: 10_000 };

    const outcome = await run("ansible.builtin.command", { cmd: "sleep 600" }, { limits });

    expect(outcome.end()).toMatchObject({ state: "timed_out", reason: expect.stringContaining("3 s") });
  });

  it("bring bytes that are no UTF-8 as they were", async () => {
    const outcome = await run("ansible.builtin.command", { cmd: "printf 'a\\377b'" });

    expect(outcome.stdout()).toEqual(Buffer.from([97, 255, 98]));
  });
});
