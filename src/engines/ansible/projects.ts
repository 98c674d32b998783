import { rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import type { PlaybookSource } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
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
      throw new Error(reasonText("ansible_repository", { url: source.url }));
    }
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const checkedOut = await checkOutCommit(folder, source, signal).catch((error: unknown) => {
      throw new Error(
        reasonText("ansible_commit_unfetched", { commit: source.commit, url: source.url, detail: textOf(error) }),
      );
    });
    const project = { folder: checkedOut, remove: () => rmSync(checkedOut, { recursive: true, force: true }) };
    try {
      await checkTree(checkedOut);
    } catch (error) {
      project.remove();
      throw new Error(
        reasonText("ansible_commit_refused", { url: source.url, commit: source.commit, detail: textOf(error) }),
      );
    }
    return project;
  }
  const known = settings.projects[source.project];
  if (known === undefined) {
    throw new Error(reasonText("ansible_no_project", { project: source.project }));
  }
  const found = await checkTree(known.folder).catch((error: unknown) => {
    throw new Error(
      reasonText("ansible_project_unusable", { project: source.project, folder: known.folder, detail: textOf(error) }),
    );
  });
  if (source.sha256 !== undefined && source.sha256 !== found) {
    throw new Error(reasonText("ansible_project_changed", { project: source.project, found, wanted: source.sha256 }));
  }
  return { folder: known.folder, remove: () => undefined };
}

function withSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
