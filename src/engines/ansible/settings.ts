import { z } from "zod";

const absolute = z.string().regex(/^\/[^\p{Cc}"]*$/u, "must be an absolute path without quotes");

/** Where a project's playbooks and roles are on the controller. */
const project = z.strictObject({ folder: absolute });

/** Secrets of encrypted vars files: read from a file or printed by a program, handed to Ansible through a descriptor. */
const vault = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, "must be a vault id such as prod"),
  /** A file with the password; when it is executable, Ansible's own rule, what it prints is the password. */
  passwordFile: absolute,
});

/** `engines.ansible` of the configuration. Everything has a default: what is installed is found in PATH. */
export const ansibleSettings = z.strictObject({
  /** The folder that holds `ansible-playbook`, e.g. a virtual environment's `bin`; default: found in PATH. */
  folder: absolute.optional(),
  /** Python on the hosts: a path, or how Ansible looks for it. */
  hostPython: z
    .string()
    .regex(/^(?:\/[A-Za-z0-9_./+-]+|auto|auto_silent)$/, "must be a path, auto or auto_silent")
    .default("auto_silent"),
  /** Most hosts at once of one job, whatever its width; each takes a process of 30 to 80 MB for as long as it works. */
  forks: z.number().int().min(1).max(1000).default(50),
  /** Address space of each of Ansible's processes, so that a host that answers without end cannot take it all. */
  memoryMegabytes: z.number().int().min(512).max(1_048_576).default(4096),
  /**
   * Key exchanges that `ssh` offers, in its own words. The default leaves out sntrup761, which costs ten times the CPU of
   * the others; `+` before a name adds it to OpenSSH's own list.
   */
  keyExchange: z
    .string()
    .regex(/^[+^-]?[a-z0-9@.,-]+$/, "must be a list of key exchanges as ssh_config takes it")
    .default(
      "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,diffie-hellman-group16-sha512,diffie-hellman-group14-sha256",
    ),
  /** An ansible.cfg of your own. None other is read, neither /etc/ansible's nor a project's. */
  config: absolute.optional(),
  /** Folders of collections, besides Ansible's own. */
  collections: z.array(absolute).default([]),
  /** By the name that a module's `project` gives. */
  projects: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be a short name"), project).default({}),
  /**
   * Git repositories that playbooks may come from, or what their URLs begin with (up to a `/`). A playbook can do on the
   * controller whatever its account can, so none is allowed until it is named here.
   */
  repositories: z.array(z.string().regex(/^(?:https:\/\/|ssh:\/\/|\/)[^\s]+$/, "must be a URL")).default([]),
  vaults: z.array(vault).max(16).default([]),
  /** Inventories that hosts are imported from: files, folders of them, programs, plugin configurations. */
  inventories: z.array(absolute).max(64).default([]),
});

export type AnsibleSettings = z.infer<typeof ansibleSettings>;
