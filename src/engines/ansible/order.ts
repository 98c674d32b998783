import type { EngineJob } from "../../contract/engine.ts";
import type { Order } from "./ansible-process.ts";
import type { ReachableHost } from "./host-access.ts";
import { inventoryOf } from "./inventory.ts";
import type { JobFolder } from "./job-folder.ts";
import type { AnsibleSettings } from "./settings.ts";
import type { Work } from "./work.ts";

export interface OrderParts {
  readonly settings: AnsibleSettings;
  readonly folder: JobFolder;
  /** Name of the inventory's file in the folder. */
  readonly inventory: string;
  readonly hosts: readonly ReachableHost[];
  readonly sshWords: (host: ReachableHost) => readonly string[];
  /** The mark of what runs on a host. */
  readonly execution: (position: number) => string;
}

/** What an Ansible is told to do for some hosts of a job; writes their inventory. */
export function orderOf(job: EngineJob, work: Work, parts: OrderParts): Order {
  const { settings, folder, hosts, sshWords, execution } = parts;
  const { become } = job;
  const text = inventoryOf(hosts, {
    sshWords,
    hostPython: settings.hostPython,
    execution,
    withBecomePasswords: become !== undefined,
    groups: job.task.kind === "playbook" ? job.task.groups : [],
  });
  const forks = Math.max(1, Math.min(job.width, settings.forks, hosts.length));
  const connectSeconds = Math.max(1, Math.ceil(job.limits.connectMilliseconds / 1000));
  const argv = [
    "--inventory",
    folder.write(parts.inventory, text),
    `--forks=${forks}`,
    `--timeout=${connectSeconds}`,
    "--diff",
    ...(job.check ? ["--check"] : []),
    ...(become === undefined ? [] : ["--become", "--become-method=sudo", `--become-user=${become.user}`]),
    ...work.argv,
  ];
  const environment = {
    OMSERVER_OUTPUT_LIMIT: String(job.limits.outputBytes),
    ...(work.task === undefined ? {} : { OMSERVER_TASK: work.task }),
    ...(work.kind === "playbook" ? { OMSERVER_MARK_PLAYS: execution(0) } : {}),
  };
  return { argv, cwd: work.cwd, environment };
}
