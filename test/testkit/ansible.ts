import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine, EngineContext, EngineHost } from "../../src/contract/engine.ts";
import { createAnsibleEngine } from "../../src/engines/ansible/ansible-engine.ts";
import { ansibleSettings } from "../../src/engines/ansible/settings.ts";
import { type Sshd, startSshd } from "./sshd.ts";

/** The folder of today's ansible-core; installs it first where it is missing. */
export function ansibleOfToday(): string {
  const script = join(import.meta.dirname, "../../scripts/ansible.sh");
  return execFileSync("sh", [script], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();
}

/** The folder of Debian's ansible-core. */
export function ansibleOfDebian(): string {
  if (existsSync("/usr/bin/ansible-playbook")) return "/usr/bin";
  throw new Error("Debian's ansible-core is not installed. Install it: apt-get install ansible-core");
}

/** Ansible itself against a real sshd that answers at many addresses. */
export interface AnsibleWorld {
  readonly engine: Engine;
  readonly sshd: Sshd;
  readonly context: Omit<EngineContext, "file">;
  /** For files of a test; both sides are this machine. */
  readonly folder: string;
  host(position: number, changes?: Partial<EngineHost>): EngineHost;
  hosts(count: number): EngineHost[];
  close(): Promise<void>;
}

export async function startAnsibleWorld(options: {
  readonly programs: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly sshd?: Parameters<typeof startSshd>[0];
  /** See the engine; its own default when it is left out. */
  readonly waitingBytes?: number;
  readonly context?: Partial<Omit<EngineContext, "file">>;
}): Promise<AnsibleWorld> {
  const sshd = await startSshd(options.sshd);
  const folder = mkdtempSync(join(tmpdir(), "omserver-ansible-"));
  const engine = createAnsibleEngine({
    folder: join(folder, "engine"),
    ...(options.waitingBytes === undefined ? {} : { waitingBytes: options.waitingBytes }),
    settings: ansibleSettings.parse({ folder: options.programs, ...options.settings }),
  });
  const host = (position: number, changes: Partial<EngineHost> = {}): EngineHost => ({
    position,
    name: `host-${position}`,
    address: sshd.address(position),
    port: sshd.port,
    credential: "key",
    jumps: [],
    ...changes,
  });
  return {
    engine,
    sshd,
    folder,
    context: {
      credential: async () => ({ kind: "key", privateKey: sshd.privateKey }),
      hostKeys: { check: async (_address, _port, key) => (sshd.hostKey.equals(key) ? "trusted" : "changed") },
      ...options.context,
    },
    host,
    hosts: (count) => Array.from({ length: count }, (_, position) => host(position)),
    close: async () => {
      await engine.close();
      await sshd.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
