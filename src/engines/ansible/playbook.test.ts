import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type AnsibleWorld,
  ansibleOfDebian,
  ansibleOfToday,
  startAnsibleWorld,
} from "../../../test/testkit/ansible.ts";
import { type JobChanges, makeJob, type Outcome, runJob } from "../../../test/testkit/engine-run.ts";
import type { StepEvent, Task } from "../../contract/engine.ts";

type PlaybookTask = Extract<Task, { kind: "playbook" }>;

const site = `
- name: Web
  hosts: web
  gather_facts: true
  tasks:
    - name: Write the page
      ansible.builtin.template: {src: page.j2, dest: "{{ page_path }}", mode: "0644"}
      tags: [page]
    - name: Say the version
      ansible.builtin.debug: {msg: "version {{ version }}"}
      tags: [say]
    - name: Only elsewhere
      ansible.builtin.debug: {msg: no}
      when: inventory_hostname == 'elsewhere'
    - name: May fail
      ansible.builtin.command: {argv: ["/bin/false"]}
      ignore_errors: true
      tags: [never, risky]
    - name: Use the role
      ansible.builtin.include_role: {name: greet}
      tags: [role]
`;
const files = {
  "site.yml": site,
  "templates/page.j2": "version {{ version }} on {{ ansible_facts.system }}\n",
  "roles/greet/tasks/main.yml": "- name: Greet\n  ansible.builtin.command: {argv: [echo, hello]}\n",
  "fail.yml": `
- name: Fails
  hosts: all
  gather_facts: false
  tasks:
    - name: Print and fail
      ansible.builtin.command: {argv: [sh, -c, "echo why; exit 9"]}
    - name: Never reached
      ansible.builtin.debug: {}
`,
  "hang.yml":
    "- {name: Hangs, hosts: all, gather_facts: false, tasks: [{name: Sleep, ansible.builtin.command: {argv: [sleep, '600']}}]}\n",
  "secret.yml":
    '- {name: S, hosts: all, gather_facts: false, vars_files: [vaulted.yml], tasks: [{name: Tell, ansible.builtin.debug: {msg: "{{ hidden }}"}}]}\n',
};

function write(folder: string, content: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(content)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

function git(folder: string, ...argv: string[]): string {
  const identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"];
  return execFileSync("git", [...identity, ...argv], { cwd: folder, encoding: "utf8" }).trim();
}

describe("playbooks", { timeout: 240_000 }, () => {
  let world: AnsibleWorld;
  let place: string;
  let commit: string;
  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), "omserver-playbooks-"));
    const repository = join(place, "repository");
    write(repository, files);
    git(repository, "init", "-q");
    git(repository, "add", ".");
    git(repository, "commit", "-qm", "first");
    commit = git(repository, "rev-parse", "HEAD");
    write(repository, { "site.yml": "- hosts: all\n  tasks: [{name: Changed, debug: {}}]\n" });
    git(repository, "commit", "-qam", "second");
    write(join(place, "project"), files);
    writeFileSync(join(place, "vault"), "vault-pass-7c1\n", { mode: 0o600 });
    const programs = ansibleOfToday();
    write(join(place, "project"), { "vaulted.yml": "hidden: it is revealed\n" });
    execFileSync(
      join(programs, "ansible-vault"),
      [
        "encrypt",
        `--vault-id=prod@${join(place, "vault")}`,
        "--encrypt-vault-id=prod",
        join(place, "project/vaulted.yml"),
      ],
      { stdio: "pipe", env: { ...process.env, LC_ALL: "C.UTF-8" } },
    );
    world = await startAnsibleWorld({
      programs,
      settings: {
        projects: { web: { folder: join(place, "project") } },
        repositories: [place],
        vaults: [{ id: "prod", passwordFile: join(place, "vault") }],
      },
    });
  });
  afterAll(async () => {
    await world?.close();
    rmSync(place, { recursive: true, force: true });
  });

  function task(changes: Partial<PlaybookTask> = {}): PlaybookTask {
    return {
      kind: "playbook",
      source: { kind: "project", project: "web" },
      play: { playbook: "site.yml" },
      variables: { version: "{{7*7}}", page_path: join(place, "page") },
      tags: [],
      skipTags: [],
      groups: ["web"],
      secretNames: [],
      ...changes,
    };
  }
  function run(changes: Partial<PlaybookTask>, jobChanges: JobChanges = {}, count = 2): Promise<Outcome> {
    return runJob(world.engine, makeJob(world.context, world.hosts(count), task(changes), jobChanges));
  }
  function steps(outcome: Outcome, position = 0): StepEvent[] {
    return outcome.events.filter((event) => event.kind === "step").filter((event) => event.position === position);
  }

  it("tell every step of every host with its difference, keep facts, and take values as data", async () => {
    rmSync(join(place, "page"), { force: true });

    const outcome = await run({}, {}, 1);

    expect(outcome.end()).toMatchObject({ state: "ok", exitCode: 0 });
    expect(steps(outcome).map(({ name, status }) => [name, status])).toEqual([
      ["Gathering Facts", "ok"],
      ["Write the page", "changed"],
      ["Say the version", "ok"],
      ["Only elsewhere", "skipped"],
      ["Use the role", "ok"],
      ["greet : Greet", "changed"],
    ]);
    expect(steps(outcome)[1]).toMatchObject({ path: ["Web"], action: "ansible.builtin.template" });
    expect(steps(outcome)[1]?.diff).toBe("--- before\n+++ page.j2\n@@ -0,0 +1 @@\n+version {{7*7}} on Linux\n");
    expect(steps(outcome)[2]?.message).toBe("version {{7*7}}");
    expect(steps(outcome)[5]?.path).toEqual(["Web", "greet"]);
    expect(readFileSync(join(place, "page"), "utf8")).toBe("version {{7*7}} on Linux\n");
    const facts = outcome.events.find((event) => event.kind === "facts");
    expect(facts).toMatchObject({ facts: { ansible_kernel: expect.any(String) } });
    expect(outcome.stdout().toString()).toContain("changed: Web › Write the page\n");
  });

  it("come from a git repository at exactly the commit that is named", async () => {
    const source = { kind: "git", url: join(place, "repository"), commit } as const;

    const first = await run({ source, tags: ["say"] });
    const again = await run({ source, tags: ["say"] });

    for (const outcome of [first, again]) {
      expect(steps(outcome, 1).map(({ name }) => name)).toContain("Say the version");
      expect(outcome.end(1).state).toBe("ok");
    }
  });

  it("are played by tags, without tags, within a limit, and by role", async () => {
    const tagged = await run({ tags: ["risky"] }, {}, 1);
    const without = await run({ skipTags: ["page", "role"] }, {}, 1);
    const limited = await run({ tags: ["say"], limit: "host-1" });
    const role = await run({ play: { role: "greet" } }, {}, 1);

    expect(steps(tagged).map(({ name, status }) => [name, status])).toContainEqual(["May fail", "failed"]);
    expect(tagged.end().state).toBe("ok");
    expect(steps(without).map(({ name }) => name)).not.toContain("Write the page");
    expect(limited.end(0)).toMatchObject({ state: "skipped", reason: expect.stringMatching(/limit/) });
    expect(limited.end(1).state).toBe("ok");
    expect(steps(role).at(-1)).toMatchObject({ name: "greet : Greet", status: "changed" });
  });

  it("change nothing in a dry run and say what they would change", async () => {
    rmSync(join(place, "page"), { force: true });

    const outcome = await run({ tags: ["page"] }, { check: true }, 1);

    expect(steps(outcome).find(({ name }) => name === "Write the page")?.diff).toContain("+version");
    expect(outcome.end().state).toBe("ok");
    expect(existsSync(join(place, "page"))).toBe(false);
  });

  it("say which step failed and what was printed", async () => {
    const outcome = await run({ play: { playbook: "fail.yml" } });

    expect(outcome.end(1)).toMatchObject({ state: "failed", reason: expect.stringContaining("Print and fail") });
    expect(outcome.stdout(1).toString()).toContain("why\n");
    expect(steps(outcome, 1).map(({ name }) => name)).toEqual(["Print and fail"]);
  });

  it("read encrypted variables with a password that has no name on any disk", async () => {
    const outcome = await run({ play: { playbook: "secret.yml" } }, {}, 1);

    expect(steps(outcome)[0]?.message).toBe("it is revealed");
  });

  it("end on the hosts when they are cancelled or take too long", async () => {
    const cancel = new AbortController();
    const job = makeJob(world.context, world.hosts(2), task({ play: { playbook: "hang.yml" } }));
    const cancelled = await runJob(world.engine, job, cancel.signal, (event) => {
      if (event.kind === "started" && event.position === 1) setTimeout(() => cancel.abort(), 4000);
    });
    const limits = { connectMilliseconds: 30_000, runMilliseconds: 20_000, outputBytes: 100_000 };
    const late = await run({ play: { playbook: "hang.yml" } }, { limits });

    expect([cancelled.end(0).state, cancelled.end(1).state]).toEqual(["cancelled", "cancelled"]);
    expect(late.end(0)).toMatchObject({ state: "timed_out", reason: expect.stringContaining("20 s") });
  });

  it("are refused when source, place or content is not what it must be", async () => {
    const outside = join(place, "outside");
    write(outside, { "site.yml": "- hosts: all\n" });
    const linked = join(place, "linked");
    write(linked, files);
    symlinkSync("/etc/passwd", join(linked, "roles/passwd"));
    git(linked, "init", "-q");
    git(linked, "add", ".");
    git(linked, "commit", "-qm", "linked");
    const linkedCommit = git(linked, "rev-parse", "HEAD");
    const cases: [Partial<PlaybookTask>, RegExp][] = [
      [{ source: { kind: "project", project: "other" } }, /no project “other”/],
      [{ source: { kind: "project", project: "web", sha256: "ab".repeat(32) } }, /has changed/],
      [{ play: { playbook: "../outside/site.yml" } }, /leads out/],
      [{ play: { playbook: "missing.yml" } }, /no missing.yml/],
      [{ source: { kind: "git", url: "/elsewhere/repository", commit } }, /do not allow/],
      [{ source: { kind: "git", url: join(place, "repository"), commit: "ab".repeat(20) } }, /could not be fetched/],
      [{ source: { kind: "git", url: linked, commit: linkedCommit } }, /link roles\/passwd leads out/],
      [{ variables: { ansible_connection: "local" } }, /not a name/],
      [{ limit: "@/etc/passwd" }, /not a limit/],
      [{ tags: ["-x"] }, /not a tag/],
    ];
    for (const [changes, reason] of cases) {
      const intended: number[] = [];
      const outcome = await run(changes, {
        intend: async (positions) => {
          intended.push(...positions);
          return positions;
        },
      });

      expect(outcome.end(1)).toMatchObject({ state: "not_started", reason: expect.stringMatching(reason) });
      expect(intended).toEqual([]);
    }
  });

  it("are played by Debian's ansible-core as well", async () => {
    const old = await startAnsibleWorld({
      programs: ansibleOfDebian(),
      settings: { projects: { web: { folder: join(place, "project") } } },
    });
    try {
      const outcome = await runJob(old.engine, makeJob(old.context, old.hosts(2), task({ tags: ["page", "say"] })));

      expect(steps(outcome, 1).map(({ name }) => name)).toEqual([
        "Gathering Facts",
        "Write the page",
        "Say the version",
      ]);
      expect(steps(outcome, 1)[2]?.message).toBe("version {{7*7}}");
      expect(outcome.end(1).state).toBe("ok");
    } finally {
      await old.close();
    }
  });
});
