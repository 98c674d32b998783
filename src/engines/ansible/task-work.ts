import type { EngineJob, Task } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { isUserName, type PosixTask, taskProblem } from "../../modules/posix.ts";
import type { JobFolder } from "./job-folder.ts";
import { playbookProblem } from "./playbook-work.ts";
import { unsafeValue } from "./unsafe.ts";
import type { Work } from "./work.ts";

/** Long enough for Ansible's own steps around a program that keeps its time limit itself. */
const graceSeconds = 60;

/** Why nothing of the job can be started; undefined when it can. */
export function jobProblem({ task, become }: EngineJob): string | undefined {
  if (become !== undefined && !isUserName(become.user)) {
    return reasonText("ansible_become", { user: become.user });
  }
  if (task.kind === "playbook") return playbookProblem(task);
  if (task.kind !== "native") return taskProblem(task);
  if (!/^[a-z_][a-z0-9_]*(?:\.[a-z0-9_]+)*$/i.test(task.name))
    return reasonText("ansible_no_module", { name: task.name });
  const wrong = Object.keys(task.arguments).find((name) => !/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name));
  return wrong === undefined ? undefined : reasonText("ansible_no_argument", { name: wrong });
}

/** Writes what Ansible reads into the job's folder. Parameters stand in it as data only; see unsafe.ts. */
export function prepareTask(job: EngineJob, task: Exclude<Task, { kind: "playbook" }>, folder: JobFolder): Work {
  const { limits } = job;
  const seconds = Math.ceil((limits.connectMilliseconds + limits.runMilliseconds) / 1000);
  if (task.kind === "native") {
    const step = { name: task.name, [moduleName(task.name)]: unsafeValue(task.arguments), timeout: seconds };
    return { kind: "module", argv: [playbookFile(folder, [step])], cwd: folder.path };
  }
  folder.write("task.json", JSON.stringify(taskFile(task, job)));
  const step = { name: "task", omserver_task: {}, timeout: seconds + graceSeconds };
  return { kind: "program", argv: [playbookFile(folder, [step])], cwd: folder.path };
}

/** Ends what runs of executions; see `end` of plugins/modules/omserver_host.py. */
export function prepareEnd(folder: JobFolder, name: string): Work {
  const task = `${name}.json`;
  folder.write(task, JSON.stringify({ mode: "end" }));
  const play = { name: "end", hosts: "all", gather_facts: false, tasks: [{ omserver_task: {}, timeout: 45 }] };
  const argv = [folder.write(`${name}-play.json`, JSON.stringify([play]))];
  return { kind: "program", argv, cwd: folder.path, task };
}

function playbookFile(folder: JobFolder, tasks: readonly unknown[]): string {
  const play = {
    name: "omserver",
    hosts: "all",
    gather_facts: false,
    // The only template of ours; its value is made of letters and digits.
    environment: { OMSERVER_EXECUTION: "{{ omserver_execution }}" },
    tasks,
  };
  return folder.write("play.json", JSON.stringify([play]));
}

/** A short name could be a keyword of a task (`vars`, `when`); with its namespace it is a module's only. */
function moduleName(name: string): string {
  return name.includes(".") ? name : `ansible.legacy.${name}`;
}

function taskFile(task: PosixTask, { limits }: EngineJob): unknown {
  const program = { mode: "run", seconds: limits.runMilliseconds / 1000, limit: limits.outputBytes };
  switch (task.kind) {
    case "command":
      return {
        ...program,
        argv: task.argv,
        environment: task.environment,
        ...(task.stdin === undefined ? {} : { stdin: Buffer.from(task.stdin).toString("base64") }),
      };
    case "script":
      return {
        ...program,
        argv: [...task.interpreter, "/dev/fd/3", ...task.arguments],
        environment: task.environment,
        script: task.script,
      };
    case "file": {
      const { destination, sha256, owner, group, mode, keepOld, after, afterAlways, bytes } = task;
      const account = { ...(owner === undefined ? {} : { owner }), ...(group === undefined ? {} : { group }) };
      return {
        mode: "file",
        bytes,
        file: { destination, sha256, ...account },
        copy: { ...account, ...(mode === undefined ? {} : { mode: mode.padStart(4, "0") }), keepOld },
        afterAlways,
        ...(after === undefined ? {} : { after: { ...program, argv: after, environment: {} } }),
      };
    }
  }
}
