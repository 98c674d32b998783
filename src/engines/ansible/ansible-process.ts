import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readdirSync, readFileSync, unlinkSync } from "node:fs";
import { userInfo } from "node:os";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { reasonText } from "../../contract/reasons.ts";
import { oneLine } from "./host-progress.ts";
import type { Installation } from "./installation.ts";
import type { JobFolder } from "./job-folder.ts";
import type { AnsibleSettings } from "./settings.ts";

export const pluginFolder = fileURLToPath(new URL("plugins", import.meta.url));

/** What stays the same over all starts of Ansible by one engine. */
export interface AnsibleHome {
  readonly installation: Installation;
  readonly settings: AnsibleSettings;
  /** The engine's own folder: Ansible's home, so that nobody's ~/.ansible has a say. */
  readonly folder: string;
  /** An empty ansible.cfg where the settings name none. */
  readonly config: string;
  /** Runs ask.py; an executable that `ssh` can name as SSH_ASKPASS. */
  readonly askProgram: string;
}

export interface LaunchOptions {
  /** Descriptors from 4 on, e.g. vault passwords. */
  readonly inputs?: readonly string[];
  /** What Ansible reads from its environment while it loads. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** What a launched Ansible is told to do. */
export interface Order {
  /** Arguments of `ansible-playbook`. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

const keptTalk = 16 * 1024;
const longestLine = 64 * 1024 * 1024;

/**
 * One `ansible-playbook`: launched, it reads its own code and waits for an order (see plugins/launch.py). Its events are
 * pulled: who reads slowly holds it back. Without an order it ends with the controller, or by {@link stop}.
 */
export class AnsibleProcess {
  readonly #child: ChildProcess;
  readonly #mark: string;
  readonly #ended: Promise<void>;
  #stopping: Promise<void> | undefined;
  readonly #stopped = new AbortController();
  #over = false;
  #talk = "";

  constructor(home: AnsibleHome, folder: JobFolder, options: LaunchOptions = {}) {
    const inputs = (options.inputs ?? []).map((text) => nameless(folder, text));
    const child = spawn(home.installation.python, [`${pluginFolder}/launch.py`], {
      cwd: folder.path,
      // A session of its own: nothing of it can reach a terminal, and a signal to the controller is not one to it.
      detached: true,
      env: { ...environmentOf(home, folder), ...options.variables },
      stdio: ["pipe", "pipe", "pipe", "pipe", ...inputs],
    });
    for (const descriptor of inputs) closeSync(descriptor);
    this.#mark = folder.path;
    this.#child = child;
    // It may be gone before it gets its order; then its end says why.
    child.stdin?.on("error", () => undefined);
    this.#ended = new Promise((resolve) => {
      child.once("error", (error) => {
        this.#talk += error.message;
        resolve();
      });
      child.once("close", () => resolve());
      // What it said comes a moment later than its end, but is not waited for without end.
      child.once("exit", () => {
        this.#over = true;
        setTimeout(resolve, 1000).unref();
      });
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (data: Buffer) => {
        this.#talk = (this.#talk + data.toString("utf8")).slice(-keptTalk);
      });
    }
  }

  /** It can be given an order still. */
  get waits(): boolean {
    return !this.#over && this.#child.pid !== undefined && this.#child.stdin?.writableEnded === false;
  }

  /** Once. */
  begin(order: Order): void {
    this.#child.ref();
    this.#child.stdin?.end(`${JSON.stringify(order)}\n`);
  }

  /** Without an order it keeps nobody waiting. */
  idle(): void {
    this.#child.unref();
  }

  /** Without an order it ends by itself. */
  spare(): void {
    this.#child.stdin?.end();
  }

  /** Lines of the callback, as they come. Ends when nothing of Ansible is left that could write one. */
  async *lines(): AsyncGenerator<string, void, undefined> {
    const events = this.#child.stdio[3] as Readable | null | undefined;
    if (events === null || events === undefined) return;
    let held: Buffer[] = [];
    let bytes = 0;
    // Without a reader the stream would wait for one; with none of its writers left it ends by itself.
    for await (const data of untilStopped(events, this.#stopped.signal)) {
      let rest = data;
      for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
        yield Buffer.concat([...held, rest.subarray(0, end)]).toString("utf8");
        held = [];
        bytes = 0;
        rest = rest.subarray(end + 1);
      }
      if (rest.length > 0) held.push(rest);
      bytes += rest.length;
      if (bytes > longestLine) throw new Error(reasonText("ansible_event_long", { size: longestLine / 2 ** 20 }));
    }
  }

  /** It has ended, or did not start. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** What it said besides events about what went wrong, in one line. */
  get lastWords(): string {
    const lines = this.#talk.split("\n").filter((line) => line.trim() !== "");
    const errors = lines.filter((line) => /error/i.test(line));
    return oneLine((errors.length > 0 ? errors : lines).join(" ")) || reasonText("ansible_did_not_say");
  }

  /**
   * Ends everything on this machine that belongs to it: Ansible detaches its workers, `ssh` its connection masters, so
   * they are found by what they all inherit.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await endProcessesOf(this.#mark);
    this.#over = true;
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#stopped.abort();
  }
}

/** The stream's chunks; once stopped, no longer than what is there already. */
async function* untilStopped(stream: Readable, stopped: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
  const giveUp = () => setTimeout(() => stream.destroy(), 1000).unref();
  stopped.addEventListener("abort", giveUp, { once: true });
  try {
    yield* stream as AsyncIterable<Buffer>;
  } catch (error) {
    if (!stopped.aborted) throw error;
  }
}

/** A descriptor of a file in memory that has no name any more: Ansible opens it as /dev/fd/N, and nobody else finds it. */
function nameless(folder: JobFolder, text: string): number {
  const path = folder.write(`input-${randomBytes(6).toString("hex")}`, text);
  const descriptor = openSync(path, "r");
  unlinkSync(path);
  return descriptor;
}

/** Ends what runs on this machine for the job of a folder, until nothing of it is left. */
export async function endProcessesOf(folder: string): Promise<void> {
  for (let round = 0; round < 100; round++) {
    const left = processesOf(folder);
    if (left.length === 0) return;
    for (const pid of left) killSafely(pid);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function killSafely(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}

/** Processes of this account that a job left: by their environment, or by the socket that a connection master is titled with. */
function processesOf(folder: string): number[] {
  const entry = `OMSERVER_JOB_FOLDER=${folder}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        // A master writes its title over its environment.
        if (readFileSync(`/proc/${pid}/cmdline`, "latin1").startsWith(`ssh: ${folder}/`)) return true;
        return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(entry);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/**
 * Nothing of the controller's environment but what the account is: no secret of the controller comes into a playbook,
 * and no ANSIBLE_… of whoever started it has a say.
 */
export function environmentOf(home: AnsibleHome, folder: JobFolder): Record<string, string> {
  const { settings, installation } = home;
  const agent = process.env.SSH_AUTH_SOCK;
  return {
    PATH: process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin",
    HOME: process.env.HOME ?? userInfo().homedir,
    USER: userInfo().username,
    LOGNAME: userInfo().username,
    // `ssh` runs its LocalCommand by it.
    SHELL: "/bin/sh",
    // Ansible takes no other encoding than UTF-8.
    LC_ALL: "C.UTF-8",
    TZ: process.env.TZ ?? "",
    ...(agent === undefined ? {} : { SSH_AUTH_SOCK: agent }),
    SSH_ASKPASS: home.askProgram,
    SSH_ASKPASS_REQUIRE: "force",
    OMSERVER_JOB_FOLDER: folder.path,
    OMSERVER_OUTPUT_FOLDER: folder.disk,
    OMSERVER_PYTHON: installation.python,
    OMSERVER_ASK: `${pluginFolder}/ask.py`,
    OMSERVER_EVENTS: "3",
    OMSERVER_MEMORY: String(settings.memoryMegabytes * 1024 * 1024),
    ANSIBLE_CONFIG: settings.config ?? home.config,
    ANSIBLE_HOME: home.folder,
    ANSIBLE_LOCAL_TEMP: folder.disk,
    ANSIBLE_STDOUT_CALLBACK: "omserver",
    ANSIBLE_CALLBACK_PLUGINS: `${pluginFolder}/callback`,
    ANSIBLE_ACTION_PLUGINS: `${pluginFolder}/action`,
    ANSIBLE_LIBRARY: `${pluginFolder}/modules`,
    ...(settings.collections.length > 0 ? { ANSIBLE_COLLECTIONS_PATH: settings.collections.join(":") } : {}),
    ANSIBLE_PIPELINING: "True",
    ANSIBLE_NO_TARGET_SYSLOG: "True",
    ANSIBLE_RETRY_FILES_ENABLED: "False",
    ANSIBLE_HOST_KEY_CHECKING: "True",
    // A host may print what it likes.
    ANSIBLE_MODULE_STRICT_UTF8_RESPONSE: "False",
    ANSIBLE_NOCOLOR: "True",
    ANSIBLE_NOCOWS: "True",
    ANSIBLE_DEPRECATION_WARNINGS: "False",
    ANSIBLE_LOCALHOST_WARNING: "False",
    ANSIBLE_INVENTORY_ENABLED: "ansible.builtin.yaml",
    ANSIBLE_INVENTORY_UNPARSED_FAILED: "True",
    PYTHONDONTWRITEBYTECODE: "1",
  };
}
