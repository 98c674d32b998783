import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnsibleWorld, ansibleOfDebian, startAnsibleWorld } from "../../../test/testkit/ansible.ts";
import { command, makeJob, runJob, until } from "../../../test/testkit/engine-run.ts";
import { makeJobFolder, removeLeftFolders } from "./job-folder.ts";

describe("an Ansible in reserve", { timeout: 120_000 }, () => {
  let world: AnsibleWorld;
  let config: string;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "omserver-ansible-config-"));
    config = join(folder, "ansible.cfg");
    writeFileSync(config, "[defaults]\n");
    world = await startAnsibleWorld({ programs: ansibleOfDebian(), settings: { config } });
  });
  afterAll(async () => {
    await world?.close();
    rmSync(join(config, ".."), { recursive: true });
  });

  function run() {
    return runJob(world.engine, makeJob(world.context, world.hosts(1), command(["echo", "hello"])));
  }
  /** Processes that were launched by the engine and are there still. */
  function launched(): number[] {
    const mark = `ANSIBLE_HOME=${join(world.folder, "engine")}`;
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(mark);
        } catch {
          return false;
        }
      })
      .map(Number);
  }

  it("is launched when a job is over, and takes the next one", async () => {
    const first = await run();
    await until("an Ansible is in reserve", () => launched().length === 1);
    const [waiting = 0] = launched();
    const argv = readFileSync(`/proc/${waiting}/cmdline`, "latin1");
    const second = await run();
    await until("an Ansible is in reserve", () => launched().length === 1 && !launched().includes(waiting));

    expect(argv).toContain("launch.py");
    expect([first.end().state, second.end().state]).toEqual(["ok", "ok"]);
  });

  it("that was killed meanwhile is no loss", async () => {
    await run();
    await until("an Ansible is in reserve", () => launched().length === 1);
    const [waiting = 0] = launched();
    process.kill(waiting, "SIGKILL");
    await until("it is gone", () => !existsSync(`/proc/${waiting}`));
    const outcome = await run();

    expect(outcome.end()).toMatchObject({ state: "ok", stdoutBytes: 6 });
  });

  it("gives way to a new one when Ansible's configuration has changed", async () => {
    await run();
    await until("an Ansible is in reserve", () => launched().length === 1);
    writeFileSync(config, "[defaults]\nmodule_name = nothing\ncallbacks_enabled = \nstrategy = no_such_strategy\n");
    const broken = await run();
    writeFileSync(config, "[defaults]\n");
    const mended = await run();

    expect(broken.end().state).not.toBe("ok");
    expect(mended.end().state).toBe("ok");
  });

  it("ends with its engine", async () => {
    await run();
    await until("an Ansible is in reserve", () => launched().length === 1);
    await world.engine.close();

    expect(launched()).toEqual([]);
    expect(readdirSync(join(world.folder, "engine")).filter((name) => name.startsWith("job-"))).toEqual([]);
  });
});

describe("folders of starts of Ansible", () => {
  it("that a killed controller left are removed, those in memory too, after what uses them was ended", async () => {
    const engineFolder = mkdtempSync(join(tmpdir(), "omserver-ansible-left-"));
    const left = makeJobFolder(engineFolder);
    left.write("task.json", "{}");
    mkdirSync(join(engineFolder, "job-unlinked"));
    mkdirSync(join(engineFolder, "projects"));
    const ended: [string, boolean][] = [];

    await removeLeftFolders(engineFolder, async (folder) => void ended.push([folder, existsSync(folder)]));

    expect(ended).toEqual([[left.path, true]]);
    expect(existsSync(left.path)).toBe(false);
    expect(readdirSync(engineFolder)).toEqual(["projects"]);
    rmSync(engineFolder, { recursive: true });
  });
});
