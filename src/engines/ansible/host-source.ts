import { execFile } from "node:child_process";
import { z } from "zod";
import type { DiscoveredHost } from "../../contract/engine.ts";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { type AnsibleHome, environmentOf } from "./ansible-process.ts";
import { makeJobFolder } from "./job-folder.ts";

const largestAnswer = 256 * 1024 * 1024;

const listing = z.looseObject({
  _meta: z.looseObject({ hostvars: z.record(z.string(), z.record(z.string(), z.unknown())) }).optional(),
});
const group = z.looseObject({
  hosts: z.array(z.string()).optional(),
  children: z.array(z.string()).optional(),
});

/**
 * The hosts of the configured inventories, static or made by programs and plugins, as Ansible itself reads them
 * (`ansible-inventory --list`), whole or not at all. Of their variables only address, port and user are taken: others may hold secrets.
 * Throws `engine.unusable` with reason and mend.
 */
export async function discoverHosts(home: AnsibleHome, signal: AbortSignal): Promise<DiscoveredHost[]> {
  const { inventories } = home.settings;
  if (inventories.length === 0) {
    throw new OmError("engine.unusable", reasonText("ansible_no_inventory"));
  }
  return hostsOf(await list(home, signal));
}

/** Hosts with all groups that they are in, directly or through others. */
export function hostsOf(answer: unknown): DiscoveredHost[] {
  const parsed = listing.safeParse(answer);
  if (!parsed.success) throw unreadable(reasonText("ansible_inventory_form"));
  const groups = new Map<string, { hosts: readonly string[]; children: readonly string[] }>();
  for (const [name, value] of Object.entries(parsed.data)) {
    const known = name === "_meta" ? undefined : group.safeParse(value);
    if (known?.success) groups.set(name, { hosts: known.data.hosts ?? [], children: known.data.children ?? [] });
  }
  const groupsOf = new Map<string, Set<string>>();
  for (const name of groups.keys()) {
    for (const host of membersOf(name, groups)) {
      const mine = groupsOf.get(host) ?? new Set();
      groupsOf.set(host, mine);
      // Of these two every host is one.
      if (name !== "all" && name !== "ungrouped") mine.add(name);
    }
  }
  const variables = new Map(Object.entries(parsed.data._meta?.hostvars ?? {}));
  return [...groupsOf].map(([name, mine]) => ({
    name,
    ...placeOf(variables.get(name) ?? {}),
    groups: [...mine].sort(),
  }));
}

function membersOf(
  name: string,
  groups: ReadonlyMap<string, { readonly hosts: readonly string[]; readonly children: readonly string[] }>,
): Set<string> {
  const members = new Set<string>();
  const seen = new Set<string>();
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const { hosts = [], children = [] } = groups.get(next) ?? {};
    for (const host of hosts) members.add(host);
    waiting.push(...children);
  }
  return members;
}

/** A value that is still a template says nothing. */
function placeOf(variables: Readonly<Record<string, unknown>>): Pick<DiscoveredHost, "address" | "port" | "user"> {
  function text(...names: string[]): string | undefined {
    const value = names.map((name) => variables[name]).find((each) => typeof each === "string" && each !== "");
    return typeof value === "string" && !value.includes("{{") ? value : undefined;
  }
  const address = text("ansible_host", "ansible_ssh_host");
  const user = text("ansible_user", "ansible_ssh_user");
  const port = Number(variables.ansible_port ?? variables.ansible_ssh_port ?? Number.NaN);
  return {
    ...(address === undefined ? {} : { address }),
    ...(Number.isInteger(port) && port > 0 && port < 65_536 ? { port } : {}),
    ...(user === undefined ? {} : { user }),
  };
}

async function list(home: AnsibleHome, signal: AbortSignal): Promise<unknown> {
  const folder = makeJobFolder(home.folder);
  const { ANSIBLE_INVENTORY_ENABLED: _ours, ...others } = environmentOf(home, folder);
  // Else Ansible goes on with what it had read of a file before the fault, and hosts would be missing without a word.
  const environment = { ...others, ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: "True" };
  const argv = home.settings.inventories.flatMap((path) => ["--inventory", path]);
  const vaults = home.settings.vaults.map(({ id, passwordFile }) => `--vault-id=${id}@${passwordFile}`);
  try {
    return await new Promise((resolve, reject) => {
      execFile(
        home.installation.inventory,
        [...argv, ...vaults, "--list"],
        { signal, maxBuffer: largestAnswer, env: environment, cwd: folder.path, encoding: "utf8" },
        (error, stdout, stderr) => {
          if (error !== null) {
            reject(unreadable((faultIn(stderr) ?? error.message).slice(0, 500)));
            return;
          }
          try {
            resolve(JSON.parse(stdout));
          } catch {
            reject(unreadable(reasonText("engine_answer_no_json")));
          }
        },
      );
    });
  } finally {
    folder.remove();
  }
}

/** What Ansible says of a fault, on one line: it breaks its lines anywhere, and tells the place before the error. */
function faultIn(stderr: string): string | undefined {
  const text = stderr.replaceAll(/\s+/g, " ");
  return /Failed to parse .*/.exec(text)?.[0] ?? /(?:\[?ERROR|[Ee]rror).*/.exec(text)?.[0];
}

function unreadable(why: string): OmError {
  return new OmError("engine.unusable", reasonText("ansible_inventory_unread", { detail: why }));
}
