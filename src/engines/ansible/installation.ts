import { execFile } from "node:child_process";
import { access, constants, open } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { EngineHealth } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { AnsibleSettings } from "./settings.ts";

/** Older ones know neither `ANSIBLE_HOME` nor how the callback is told of a start. */
const oldest = [2, 14] as const;

export interface Installation {
  /** Path of `ansible-playbook`. */
  readonly playbook: string;
  /** Path of `ansible-inventory`. */
  readonly inventory: string;
  /** Ansible's own Python, for helpers that need nothing but its standard library. */
  readonly python: string;
  readonly version: string;
}

/** Finds Ansible and asks for its version; a sentence and the mend when it cannot be used. */
export async function findInstallation(
  settings: AnsibleSettings,
  signal: AbortSignal,
): Promise<Installation | Extract<EngineHealth, { usable: false }>> {
  const folder = settings.folder ?? (await folderInPath("ansible-playbook"));
  if (folder === undefined) {
    return refused(reasonText("ansible_not_installed"));
  }
  const playbook = join(folder, "ansible-playbook");
  if (!(await canRun(playbook))) return refused(reasonText("ansible_no_program", { program: playbook }));
  if ((await folderInPath("ssh")) === undefined) {
    return { usable: false, reason: reasonText("ansible_no_ssh"), mend: reasonText("ansible_install_ssh") };
  }
  const python = await pythonOf(playbook);
  if (python === undefined) return refused(reasonText("ansible_no_python", { program: playbook }));
  const version = await versionBy(python, signal);
  if (version === undefined) {
    return refused(reasonText("ansible_python_lacks", { program: playbook, python }));
  }
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    return refused(reasonText("ansible_old", { version, oldest: oldest.join(".") }));
  }
  return { playbook, inventory: join(folder, "ansible-inventory"), python, version };
}

function refused(reason: string): Extract<EngineHealth, { usable: false }> {
  return {
    usable: false,
    reason,
    mend: reasonText("ansible_install"),
  };
}

async function folderInPath(program: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    if (folder.startsWith("/") && (await canRun(join(folder, program)))) return folder;
  }
  return undefined;
}

async function canRun(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The interpreter of the first line: pip and Debian both write the Python that Ansible was installed for. */
async function pythonOf(program: string): Promise<string | undefined> {
  const file = await open(program, constants.O_RDONLY);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    const line = buffer.subarray(0, bytesRead).toString("utf8").split("\n")[0] ?? "";
    const words = /^#!\s*(\S+)(?:\s+(\S+))?/.exec(line);
    if (words?.[1] === undefined) return undefined;
    if (!words[1].endsWith("/env")) return words[1];
    const folder = words[2] === undefined ? undefined : await folderInPath(words[2]);
    return folder === undefined ? undefined : join(folder, words[2] ?? "");
  } finally {
    await file.close();
  }
}

function versionBy(python: string, signal: AbortSignal): Promise<string | undefined> {
  const script = "from ansible.release import __version__; print(__version__)";
  return new Promise((resolve) => {
    execFile(
      python,
      ["-I", "-c", script],
      { signal, timeout: 10_000, env: { PATH: "/usr/bin:/bin" } },
      (error, output) => {
        const found = /^\d+\.\d+[\w.]*/.exec(output.trim())?.[0];
        resolve(error === null ? found : undefined);
      },
    );
  });
}
