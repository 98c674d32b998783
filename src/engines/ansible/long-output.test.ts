import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnsibleWorld, ansibleOfToday, startAnsibleWorld } from "../../../test/testkit/ansible.ts";
import { command, makeJob, runJob } from "../../../test/testkit/engine-run.ts";
import type { Task } from "../../contract/engine.ts";

const mebibyte = 1024 * 1024;
const flood = command(["head", "-c", String(4 * mebibyte), "/dev/zero"]);
const moduleFlood: Task = {
  kind: "native",
  name: "ansible.builtin.shell",
  // Ansible takes line ends off the end, which every 256th random byte is one of.
  arguments: { cmd: `head -c ${4 * mebibyte} /dev/urandom; printf .` },
};

const play = `
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.command: head -c ${2 * mebibyte} /dev/zero
    - ansible.builtin.shell: head -c ${2 * mebibyte} /dev/zero | tr '\\0' x; exit 3
      ignore_errors: true
    - ansible.builtin.command: /bin/false
`;

describe("Long output of Ansible's hosts", { timeout: 240_000 }, () => {
  const project = mkdtempSync(join(tmpdir(), "omserver-project-"));
  let world: AnsibleWorld;
  beforeAll(async () => {
    writeFileSync(join(project, "much.yml"), play);
    world = await startAnsibleWorld({
      programs: ansibleOfToday(),
      waitingBytes: 8 * mebibyte,
      settings: { forks: 2, projects: { web: { folder: project } } },
    });
  });
  afterAll(async () => {
    await world?.close();
    rmSync(project, { recursive: true, force: true });
  });

  function jobs(): string[] {
    return namesIn(join(world.folder, "engine")).filter((path) => basename(path).startsWith("job-"));
  }

  /** Bytes of files that lie in the engine's folders for jobs; of what goes meanwhile, nothing. */
  function onDisk(): number {
    const files = jobs().flatMap(namesIn);
    return files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
  }

  it.each([
    ["programs", flood],
    ["modules", moduleFlood],
  ])("of %s is never on disk as a whole, however slowly it is taken", async (_what, task) => {
    const count = 12;
    const room = Promise.withResolvers<void>();
    const job = makeJob(world.context, world.hosts(count), task, { outputRoom: () => room.promise });
    let begun = 0;
    let begunWhileHeld = 0;
    let most = 0;
    let quietSince = Number.POSITIVE_INFINITY;
    const watch = setInterval(() => {
      most = Math.max(most, onDisk());
      // Nobody tells anything until no other host has begun for longer than one takes.
      if (performance.now() - quietSince < 6000) return;
      begunWhileHeld ||= begun;
      room.resolve();
    }, 20);

    const outcome = await runJob(world.engine, job, undefined, (event) => {
      if (event.kind !== "started") return;
      begun += 1;
      quietSince = performance.now();
    });
    clearInterval(watch);

    for (const { position } of job.hosts) {
      expect(outcome.end(position)).toMatchObject({ state: "ok", output: "complete" });
      expect(outcome.stdout(position).length).toBeGreaterThanOrEqual(4 * mebibyte);
    }
    // The limit, one output more, and one for each fork.
    expect(most).toBeGreaterThan(4 * mebibyte);
    expect(most).toBeLessThanOrEqual((8 + 4 + 2 * 4) * mebibyte + mebibyte);
    expect(begunWhileHeld).toBeLessThan(count);
  });

  it("that the controller's disk does not take is cut, and shows as partial", async () => {
    const bytes = 4 * mebibyte;
    const task = command(["/bin/sh", "-c", `sleep 1; head -c ${bytes} /dev/zero; echo to err >&2`]);

    const outcome = await runJob(world.engine, makeJob(world.context, world.hosts(1), task), undefined, (event) => {
      // Its name is taken: no file can be made there.
      if (event.kind === "started") for (const job of jobs()) mkdirSync(join(job, "0.stdout"));
    });

    expect(outcome.end()).toMatchObject({ state: "ok", output: "partial", stdoutBytes: bytes });
    expect(outcome.stdout().length).toBeGreaterThan(10_000);
    expect(outcome.stdout().length).toBeLessThan(bytes);
    expect(outcome.stderr().toString()).toBe("to err\n");
  });

  it("of the steps of plays is told shortened, and lies nowhere", async () => {
    const task: Task = {
      kind: "playbook",
      source: { kind: "project", project: "web" },
      play: { playbook: "much.yml" },
      variables: {},
      tags: [],
      skipTags: [],
      groups: [],
      secretNames: [],
    };
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, onDisk());
    }, 20);

    const outcome = await runJob(world.engine, makeJob(world.context, world.hosts(2), task));
    clearInterval(watch);

    expect(outcome.end()).toMatchObject({ state: "failed", output: "complete" });
    expect(outcome.stdout().toString()).toMatch(/failed \(ignored\): .*: non-zero return code\nxxxx/);
    expect(outcome.stdout().length).toBeLessThan(16 * 1024);
    expect(most).toBeLessThan(mebibyte);
  });
});

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}
