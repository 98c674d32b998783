import type { EngineHost, Task } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";

type NativeTask = Extract<Task, { kind: "native" }>;

/** `Mid_1001` and its parameters in order, or a sentence that says why this wire cannot carry them. */
export interface OldModule {
  readonly id: string;
  readonly parameters: readonly string[];
}

/**
 * The old wire separates by `@@`, `*` and commas and escapes nothing, and the old controllers put parameters into
 * command lines. So only plain characters pass; whatever a shell or the wire would take for its own is refused.
 */
const plainValue = /^(?!-)(?!.*@@)(?!@)[\p{L}\p{N}_./:@%+= -]*(?<!@)$/u;
const plainHost = /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u;
const plainAddress = /^[A-Za-z0-9][A-Za-z0-9.:_-]*$/;

export function oldModule(task: NativeTask): OldModule | string {
  const id = /^Mid_([0-9]{1,9})$/.exec(task.name)?.[1];
  if (id === undefined) return reasonText("old_module_name", { name: task.name });
  const names = Object.keys(task.arguments);
  const order = task.positional ?? (names.length <= 1 ? names : undefined);
  if (order === undefined) return reasonText("old_no_order", { task: task.name });
  const parameters: string[] = [];
  let empty: string | undefined;
  for (const name of order) {
    const value = Object.hasOwn(task.arguments, name) ? String(task.arguments[name]) : "";
    if (value === "") {
      empty ??= name;
      continue;
    }
    // An empty parameter is left out with its separator: the next one would take its place.
    if (empty !== undefined) return reasonText("old_empty", { empty, name });
    if (!plainValue.test(value)) {
      return reasonText("old_characters", { name });
    }
    parameters.push(value);
  }
  return { id, parameters };
}

/** Why the host cannot be named on the old wire; undefined when it can. */
export function hostProblem(host: EngineHost): string | undefined {
  if (plainHost.test(host.name) && plainAddress.test(host.address)) return undefined;
  return reasonText("old_host_characters");
}

/** `moduleId@@ip*hostname,ip*hostname@@param1@@param2@@`. */
export function commandText({ id, parameters }: OldModule, hosts: readonly EngineHost[]): string {
  const named = hosts.map((host) => `${host.address}*${host.name}`).join(",");
  return `${[id, named, ...parameters].join("@@")}@@`;
}
