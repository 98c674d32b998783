import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineJob, Task } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { isReservedVariable } from "../../modules/playbook-action.ts";
import type { JobFolder } from "./job-folder.ts";
import { pathInside } from "./project-tree.ts";
import { openProject } from "./projects.ts";
import type { AnsibleSettings } from "./settings.ts";
import { unsafeValue } from "./unsafe.ts";
import type { Work } from "./work.ts";

type PlaybookTask = Extract<Task, { kind: "playbook" }>;

export interface PlaybookParts {
  readonly job: EngineJob;
  readonly task: PlaybookTask;
  readonly folder: JobFolder;
  readonly settings: AnsibleSettings;
  /** The engine's own, for what is fetched. */
  readonly engineFolder: string;
  readonly signal: AbortSignal;
}

/** Why a playbook task cannot be played at all; the controller judges anew what the module's checks have seen. */
export function playbookProblem(task: PlaybookTask): string | undefined {
  for (const name of Object.keys(task.variables)) {
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || isReservedVariable(name)) {
      return reasonText("ansible_no_variable", { name });
    }
  }
  for (const tag of [...task.tags, ...task.skipTags]) {
    if (!/^[\p{L}\p{N}_.:][\p{L}\p{N}_.:-]*$/u.test(tag)) return reasonText("ansible_no_tag", { tag });
  }
  const { limit } = task;
  if (limit !== undefined && !/^[\p{L}\p{N}_*!][\p{L}\p{N}_.*:!&,-]*$/u.test(limit))
    return reasonText("ansible_no_limit", { limit });
  return undefined;
}

/** Brings the project, and gives what Ansible is to be started with. Throws a sentence. */
export async function preparePlaybook(parts: PlaybookParts): Promise<Work> {
  const { task, folder, settings, engineFolder, signal } = parts;
  const project = await openProject(task.source, settings, engineFolder, signal);
  try {
    const { play } = task;
    const playbook =
      "role" in play
        ? await rolePlay(folder, project.folder, play.role)
        : await pathInside(project.folder, play.playbook);
    const variables = folder.write("variables.json", JSON.stringify(unsafeValue(task.variables)));
    const vaults = settings.vaults.map(({ id, passwordFile }) => ({ id, text: readFileSync(passwordFile, "utf8") }));
    return {
      kind: "playbook",
      argv: [
        `--extra-vars=@${variables}`,
        ...(task.tags.length > 0 ? [`--tags=${task.tags.join(",")}`] : []),
        ...(task.skipTags.length > 0 ? [`--skip-tags=${task.skipTags.join(",")}`] : []),
        ...(task.limit === undefined ? [] : [`--limit=${task.limit}`]),
        ...vaults.map(({ id }, index) => `--vault-id=${id}@/dev/fd/${4 + index}`),
        playbook,
      ],
      cwd: project.folder,
      inputs: vaults.map(({ text }) => text),
      variables: { ANSIBLE_ROLES_PATH: [join(project.folder, "roles"), project.folder].join(":") },
      close: () => project.remove(),
    };
  } catch (error) {
    project.remove();
    throw error;
  }
}

async function rolePlay(folder: JobFolder, project: string, role: string): Promise<string> {
  const inRoles = await pathInside(project, join("roles", role)).catch(() => undefined);
  if (inRoles === undefined) await pathInside(project, role);
  return folder.write("play.json", JSON.stringify([{ name: role, hosts: "all", roles: [role] }]));
}
