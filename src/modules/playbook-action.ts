import type { PlaybookSource, Task } from "../contract/engine.ts";
import type { Problem } from "../contract/errors.ts";
import type { ModuleManifest, ParameterValues, PlaybookAction } from "../contract/module.ts";
import { reasonText } from "../contract/reasons.ts";
import { parametersOf, resolveArguments, resolveTemplate } from "./template.ts";

/** Where git may be asked for a repository. No password in it: a manifest is read by many. */
export const gitUrl =
  /^(?:https:\/\/[A-Za-z0-9.-]+(?::\d+)?\/|ssh:\/\/(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9.-]+(?::\d+)?\/|\/)[A-Za-z0-9._~/+-]+$/;

/** Whether a text is a plain path below where it is used: no way out, no option. */
export function isPathInside(path: string): boolean {
  const parts = path.split("/");
  return (
    !/[\p{Cc}\\]/u.test(path) && !path.startsWith("-") && parts.every((part) => !["", ".", "..", ".git"].includes(part))
  );
}

/** What Ansible calls its own, or reads as how to reach a host and with whose rights: never a parameter's. */
const reserved = new Set(
  [
    "environment groups group_names hostvars inventory_dir inventory_file inventory_hostname inventory_hostname_short",
    "omit play_hosts playbook_dir role_name role_names role_path vars item discovered_interpreter_python",
  ].flatMap((line) => line.split(" ")),
);

export function isReservedVariable(name: string): boolean {
  return /^(?:ansible_|omserver_|_)/i.test(name) || reserved.has(name);
}

const tag = /^[\p{L}\p{N}_.:][\p{L}\p{N}_.:-]{0,99}$/u;
const pattern = /^[\p{L}\p{N}_*!][\p{L}\p{N}_.*:!&,-]{0,499}$/u;

/** What the values make wrong in the module's playbook actions: a tag or a limit that is none. */
export function playbookProblems(manifest: ModuleManifest, values: ParameterValues): Problem[] {
  return Object.values(manifest.run.engines ?? {}).flatMap((action) => {
    if (action?.kind !== "playbook") return [];
    const lists = [...(action.tags ?? []), ...(action.skipTags ?? [])].flatMap((template) => {
      const wrong = tagsOf([template], values).find((each) => !tag.test(each));
      return wrong === undefined ? [] : [{ template, message: reasonText("playbook_no_tag", { tag: wrong }) }];
    });
    const limit = action.limit === undefined ? undefined : resolveTemplate(action.limit, values);
    const bad = limit !== undefined && limit !== "" && !pattern.test(String(limit));
    const limits =
      bad && action.limit !== undefined ? [{ template: action.limit, message: reasonText("playbook_no_limit") }] : [];
    return [...lists, ...limits].map(({ template, message }) => ({
      place: `/${parametersOf(template)[0] ?? ""}`,
      message,
    }));
  });
}

export function playbookTask(
  action: PlaybookAction,
  values: ParameterValues,
  secrets: readonly string[],
): Extract<Task, { kind: "playbook" }> {
  const variables = Object.entries(action.variables ?? {}).flatMap(([name, template]) => {
    const value =
      typeof template === "object" || typeof template === "string" ? resolveTemplate(template, values) : template;
    return value === undefined ? [] : [[name, value] as const];
  });
  const secretNames = Object.entries(action.variables ?? {})
    .filter(
      ([, template]) => typeof template === "object" && parametersOf(template).some((name) => secrets.includes(name)),
    )
    .map(([name]) => name);
  const limit = action.limit === undefined ? undefined : resolveTemplate(action.limit, values);
  return {
    kind: "playbook",
    source: sourceOf(action),
    play: action.role === undefined ? { playbook: action.playbook ?? "" } : { role: action.role },
    variables: Object.fromEntries(variables),
    tags: tagsOf(action.tags ?? [], values),
    skipTags: tagsOf(action.skipTags ?? [], values),
    ...(limit === undefined || limit === "" ? {} : { limit: String(limit) }),
    groups: action.groups ?? [],
    secretNames,
  };
}

function sourceOf({ source }: PlaybookAction): PlaybookSource {
  if ("git" in source) return { kind: "git", url: source.git, commit: source.commit };
  const { project, sha256 } = source;
  return { kind: "project", project, ...(sha256 === undefined ? {} : { sha256 }) };
}

function tagsOf(templates: NonNullable<PlaybookAction["tags"]>, values: ParameterValues): string[] {
  return resolveArguments(templates, values)
    .flatMap((text) => text.split(","))
    .map((text) => text.trim())
    .filter((text) => text !== "");
}

/** For people, as `describeTask` of render.ts. */
export function describePlaybook(
  task: Extract<Task, { kind: "playbook" }>,
  shown: (name: string, value: unknown) => string,
): string {
  const { source, play } = task;
  const where =
    source.kind === "git"
      ? `${source.url} at ${source.commit}`
      : `project ${source.project}${source.sha256 === undefined ? "" : ` (SHA-256 ${source.sha256})`}`;
  const lines = [`${"role" in play ? `role ${play.role}` : play.playbook} of ${where}`];
  for (const [name, value] of Object.entries(task.variables)) lines.push(`${name}=${shown(name, value)}`);
  if (task.tags.length > 0) lines.push(`tags ${task.tags.join(", ")}`);
  if (task.skipTags.length > 0) lines.push(`without the tags ${task.skipTags.join(", ")}`);
  if (task.limit !== undefined) lines.push(`only ${task.limit}`);
  if (task.groups.length > 0) lines.push(`with all hosts in ${task.groups.join(", ")}`);
  return lines.join("\n");
}
