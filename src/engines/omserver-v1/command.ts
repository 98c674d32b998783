import type { EngineHost, Task } from "../../contract/engine.ts";

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
  if (id === undefined)
    return `“${task.name}” is no module of the first OMServer; its name would be Mid_1001 or alike.`;
  const names = Object.keys(task.arguments);
  const order = task.positional ?? (names.length <= 1 ? names : undefined);
  if (order === undefined) return `The module does not say in which order ${task.name} takes its arguments.`;
  const parameters: string[] = [];
  let empty: string | undefined;
  for (const name of order) {
    const value = Object.hasOwn(task.arguments, name) ? String(task.arguments[name]) : "";
    if (value === "") {
      empty ??= name;
      continue;
    }
    // An empty parameter is left out with its separator: the next one would take its place.
    if (empty !== undefined)
      return `“${empty}” must not be empty where “${name}” is given: the old wire would mix them up.`;
    if (!plainValue.test(value)) {
      return `The value of “${name}” holds characters that the first OMServer would take for its own or for a shell's; letters, digits and _ . / : @ % + = - and spaces may stand in it.`;
    }
    parameters.push(value);
  }
  return { id, parameters };
}

/** Why the host cannot be named on the old wire; undefined when it can. */
export function hostProblem(host: EngineHost): string | undefined {
  if (plainHost.test(host.name) && plainAddress.test(host.address)) return undefined;
  return "Its name or address holds characters that the first OMServer's wire cannot carry.";
}

/** `moduleId@@ip*hostname,ip*hostname@@param1@@param2@@`. */
export function commandText({ id, parameters }: OldModule, hosts: readonly EngineHost[]): string {
  const named = hosts.map((host) => `${host.address}*${host.name}`).join(",");
  return `${[id, named, ...parameters].join("@@")}@@`;
}
