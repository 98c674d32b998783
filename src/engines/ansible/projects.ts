import { rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import type { PlaybookSource } from "../../contract/engine.ts";
import { checkOutCommit } from "./git.ts";
import { checkTree } from "./project-tree.ts";
import type { AnsibleSettings } from "./settings.ts";

/** Playbooks and roles, ready on this machine for the time of one job. */
export interface Project {
  readonly folder: string;
  remove(): void;
}

/** Throws a sentence when the source is not there, not allowed, or not what the order says. */
export async function openProject(
  source: PlaybookSource,
  settings: AnsibleSettings,
  folder: string,
  signal: AbortSignal,
): Promise<Project> {
  if (source.kind === "git") {
    if (!settings.repositories.some((allowed) => source.url === allowed || source.url.startsWith(withSlash(allowed)))) {
      throw new Error(
        `The controller's settings do not allow playbooks from ${source.url}. Add it to engines.ansible.repositories.`,
      );
    }
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const checkedOut = await checkOutCommit(folder, source, signal).catch((error: unknown) => {
      throw new Error(`The commit ${source.commit} of ${source.url} could not be fetched: ${textOf(error)}.`);
    });
    const project = { folder: checkedOut, remove: () => rmSync(checkedOut, { recursive: true, force: true }) };
    try {
      await checkTree(checkedOut);
    } catch (error) {
      project.remove();
      throw new Error(`${source.url} at ${source.commit} is refused: ${textOf(error)}.`);
    }
    return project;
  }
  const known = settings.projects[source.project];
  if (known === undefined) {
    throw new Error(
      `The controller has no project “${source.project}”. Name its folder under engines.ansible.projects.`,
    );
  }
  const found = await checkTree(known.folder).catch((error: unknown) => {
    throw new Error(`The project “${source.project}” (${known.folder}) cannot be used: ${textOf(error)}.`);
  });
  if (source.sha256 !== undefined && source.sha256 !== found) {
    throw new Error(
      `The project “${source.project}” has changed: its content has the SHA-256 ${found}, and the module was written for ${source.sha256}.`,
    );
  }
  return { folder: known.folder, remove: () => undefined };
}

function withSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
