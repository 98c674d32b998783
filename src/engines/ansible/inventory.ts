import { reasonText } from "../../contract/reasons.ts";
import type { ReachableHost } from "./host-access.ts";
import { unsafeText } from "./unsafe.ts";

export interface InventoryOptions {
  readonly sshWords: (reachable: ReachableHost) => readonly string[];
  readonly hostPython: string;
  /** The mark of a host's processes; see plugins/modules/omserver_host.py. */
  readonly execution: (position: number) => string;
  /** Only where somebody is to be become: else nothing needs the password. */
  readonly withBecomePasswords: boolean;
  /** Groups that all hosts are in. */
  readonly groups: readonly string[];
}

/**
 * The inventory of a job, as JSON. Names of variables are ours alone: no parameter and no inventory of somebody else has
 * a say in them. A host stands under its own name, as playbooks and their host_vars know it.
 */
export function inventoryOf(hosts: readonly ReachableHost[], options: InventoryOptions): string {
  const entries = hosts.map((reachable) => {
    const { host, target, becomePassword } = reachable;
    const variables = {
      ansible_connection: "ssh",
      ansible_host: unsafeText(target.address),
      ansible_port: target.port,
      ansible_user: unsafeText(target.user),
      ansible_ssh_args: unsafeText(options.sshWords(reachable).join(" ")),
      ansible_python_interpreter: options.hostPython,
      omserver_position: host.position,
      omserver_execution: options.execution(host.position),
      ...(options.withBecomePasswords && becomePassword !== undefined
        ? { ansible_become_password: unsafeText(becomePassword) }
        : {}),
    };
    return [host.name, variables] as const;
  });
  const names = Object.fromEntries(hosts.map(({ host }) => [host.name, {}]));
  const children = Object.fromEntries(options.groups.map((group) => [group, { hosts: names }]));
  return JSON.stringify({ all: { hosts: Object.fromEntries(entries), children } });
}

/** Why a host cannot stand in an inventory under its name; undefined when it can. */
export function nameProblem(name: string): string | undefined {
  // What Ansible reads as a pattern, a range, a group or a template never gets so far.
  if (/^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u.test(name) && !["all", "ungrouped"].includes(name.toLowerCase())) {
    return undefined;
  }
  return reasonText("ansible_host_name", { name: name.slice(0, 60) });
}
