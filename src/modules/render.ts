import { type EngineId, engineIds, type Task } from "../contract/engine.ts";
import type { ModuleAction, ModuleManifest, ParameterValues } from "../contract/module.ts";
import { reasonText } from "../contract/reasons.ts";
import { taskKindsOf } from "./engine-tasks.ts";
import type { FileAction } from "./file-action.ts";
import { parametersError, secretParameters } from "./parameters.ts";
import { describePlaybook, playbookTask } from "./playbook-action.ts";
import { resolveArguments, resolveTemplate } from "./template.ts";

/** Size of a library file, or undefined when there is none of this SHA-256. */
export type LibraryFiles = (sha256: string) => { readonly bytes: number } | undefined;

/**
 * What an engine is to do for a module with these values (as `validateParameters` gave them); undefined when the module
 * has no implementation for it. A value is data: it becomes one whole argument, one environment entry or one native
 * argument, and never changes another, the number of them, or a script's text.
 * Throws OmError `module.parameters` when a library file that the values name is not there.
 */
export function renderTask(
  manifest: ModuleManifest,
  values: ParameterValues,
  engine: { readonly id: EngineId; readonly tasks: readonly Task["kind"][] },
  files: LibraryFiles,
): Task | undefined {
  const action = actionFor(manifest, engine.id, engine.tasks);
  if (!action) return undefined;
  const secrets = secretParameters(manifest).filter((name) => Object.hasOwn(values, name));
  switch (action.kind) {
    case "command":
      return {
        kind: "command",
        argv: resolveArguments(action.argv, values),
        environment: environmentOf(values),
        secretNames: secrets.map(environmentName),
      };
    case "script":
      return {
        kind: "script",
        interpreter: [...action.interpreter],
        script: action.script,
        arguments: resolveArguments(action.arguments ?? [], values),
        environment: environmentOf(values),
        secretNames: secrets.map(environmentName),
      };
    case "file":
      return fileTask(manifest, action, values, files);
    case "native":
      return nativeTask(action, values, secrets);
    case "playbook":
      return playbookTask(action, values, secrets);
  }
}

/** The engines for which the module has an implementation that they carry, whether or not one of them is at hand. */
export function supportedEngines(manifest: ModuleManifest): EngineId[] {
  return engineIds.filter((id) => actionFor(manifest, id, taskKindsOf(id)) !== undefined);
}

function actionFor(manifest: ModuleManifest, id: EngineId, kinds: readonly Task["kind"][]): ModuleAction | undefined {
  const action = manifest.run.engines?.[id] ?? manifest.run.all;
  return action && kinds.includes(action.kind) ? action : undefined;
}

function environmentName(parameter: string): string {
  return `OM_${parameter.toUpperCase()}`;
}

function environmentOf(values: ParameterValues): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [environmentName(name), String(value)]));
}

function fileTask(manifest: ModuleManifest, action: FileAction, values: ParameterValues, files: LibraryFiles): Task {
  const sha256 = String(resolveTemplate(action.file, values) ?? "");
  const parameter = typeof action.file === "string" ? "" : action.file.parameter;
  const found = files(sha256);
  if (!found) {
    const message = sha256 === "" ? reasonText("file_none_chosen") : reasonText("file_not_in_library", { sha256 });
    throw parametersError(manifest, [{ place: `/${parameter}`, message }]);
  }
  const destination = resolveTemplate(action.destination, values);
  if (destination === undefined) {
    throw parametersError(manifest, [{ place: "", message: reasonText("file_no_destination") }]);
  }
  const { owner, group, mode, after, afterAlways, keepOld } = action;
  function optional(field: "owner" | "group" | "mode", template: FileAction["owner"]): Record<string, string> {
    const value = template === undefined ? undefined : resolveTemplate(template, values);
    return value === undefined ? {} : { [field]: String(value) };
  }
  return {
    kind: "file",
    sha256,
    bytes: found.bytes,
    destination: String(destination),
    ...optional("owner", owner),
    ...optional("group", group),
    ...optional("mode", mode),
    keepOld: keepOld ?? true,
    ...(after ? { after: resolveArguments(after, values) } : {}),
    afterAlways:
      typeof afterAlways === "object" ? resolveTemplate(afterAlways, values) === true : (afterAlways ?? false),
  };
}

function nativeTask(
  action: Extract<ModuleAction, { kind: "native" }>,
  values: ParameterValues,
  secrets: readonly string[],
): Task {
  const entries = Object.entries(action.arguments).flatMap(([name, template]) => {
    const value =
      typeof template === "object" || typeof template === "string" ? resolveTemplate(template, values) : template;
    return value === undefined ? [] : [[name, value] as const];
  });
  const secretNames = Object.entries(action.arguments)
    .filter(([, template]) => typeof template === "object" && secrets.includes(template.parameter))
    .map(([name]) => name);
  return {
    kind: "native",
    name: action.name,
    arguments: Object.fromEntries(entries),
    ...(action.positional === undefined ? {} : { positional: action.positional }),
    ...(secretNames.length > 0 ? { secretNames } : {}),
  };
}

const mask = "••••••";

/**
 * A task as text for people: what runs, with every secret masked. For reading only; it is quoted as a shell would take
 * it, but nothing runs it.
 */
export function describeTask(task: Task): string {
  switch (task.kind) {
    case "command":
      return [...environmentLines(task), task.argv.map(quoted).join(" ")].join("\n");
    case "script": {
      const line = [...task.interpreter, "SCRIPT", ...task.arguments].map(quoted).join(" ");
      return [...environmentLines(task), line, "", task.script.trimEnd()].join("\n");
    }
    case "file": {
      const lines = [
        reasonText("task_bytes", {
          bytes: task.bytes.toLocaleString("en"),
          sha256: task.sha256,
          destination: quoted(task.destination),
        }),
      ];
      if (task.owner) lines.push(reasonText("task_owner", { owner: task.owner }));
      if (task.group) lines.push(reasonText("task_group", { group: task.group }));
      if (task.mode) lines.push(reasonText("task_mode", { mode: task.mode }));
      if (task.keepOld) lines.push(reasonText("task_kept"));
      if (task.after) {
        const command = task.after.map(quoted).join(" ");
        lines.push(reasonText(task.afterAlways ? "task_then" : "task_then_changed", { command }));
      }
      return lines.join("\n");
    }
    case "native": {
      const entries = Object.entries(task.arguments).map(
        ([name, value]) => `${name}=${task.secretNames?.includes(name) ? mask : quoted(String(value))}`,
      );
      return [task.name, ...entries].join(" ");
    }
    case "playbook":
      return describePlaybook(task, (name, value) => (task.secretNames.includes(name) ? mask : quoted(String(value))));
  }
}

function environmentLines(task: Extract<Task, { environment: unknown }>): string[] {
  return Object.entries(task.environment).map(
    ([name, value]) => `${name}=${task.secretNames.includes(name) ? mask : quoted(value)}`,
  );
}

function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
