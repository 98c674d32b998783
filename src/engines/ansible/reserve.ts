import { statSync } from "node:fs";
import { type AnsibleHome, AnsibleProcess } from "./ansible-process.ts";
import { type JobFolder, makeJobFolder } from "./job-folder.ts";

/** A launched Ansible and the folder that it was launched for. */
export interface Launched {
  readonly folder: JobFolder;
  readonly ansible: AnsibleProcess;
}

interface Spare extends Launched {
  readonly state: string;
}

const idleMilliseconds = 10 * 60_000;

/**
 * One launched `ansible-playbook` in reserve, so that a job need not wait until Ansible has read its own code (a second
 * or two). Made when a job is over; given up after ten minutes without a job (it holds some 60 MB), and when Ansible or
 * its configuration has changed since.
 */
export class Reserve {
  #spare: Spare | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** The one in reserve, else a new one. Its folder is the caller's from now on. */
  take(home: AnsibleHome): Launched {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare === undefined) return launched(home);
    if (spare.ansible.waits && spare.state === stateOf(home)) return spare;
    void dropped(spare);
    return launched(home);
  }

  /** Gets one ready for the next job. */
  renew(home: AnsibleHome): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#drop(), idleMilliseconds).unref();
    if (this.#spare !== undefined) return;
    const state = stateOf(home);
    const spare = launched(home);
    spare.ansible.idle();
    this.#spare = { ...spare, state };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#drop();
  }

  async #drop(): Promise<void> {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare !== undefined) await dropped(spare);
  }
}

function launched(home: AnsibleHome): Launched {
  const folder = makeJobFolder(home.folder);
  return { folder, ansible: new AnsibleProcess(home, folder) };
}

async function dropped({ folder, ansible }: Launched): Promise<void> {
  try {
    await ansible.stop();
  } finally {
    folder.remove();
  }
}

/** What an Ansible that has loaded would not notice: another version of itself, another configuration. */
function stateOf({ installation, settings, config }: AnsibleHome): string {
  const paths = [installation.playbook, installation.python, settings.config ?? config];
  return paths
    .map((path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found === undefined ? "" : `${found.ino} ${found.ctimeMs}`;
    })
    .join(", ");
}
