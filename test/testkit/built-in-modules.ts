import type { Task } from "../../src/contract/engine.ts";
import type { ModuleManifest, ParameterValues } from "../../src/contract/module.ts";
import { taskKindsOf } from "../../src/modules/engine-tasks.ts";
import { loadModuleFolder } from "../../src/modules/folder.ts";
import { validateParameters } from "../../src/modules/parameters.ts";
import { renderTask } from "../../src/modules/render.ts";

export const builtInModules = await loadModuleFolder(new URL("../../modules", import.meta.url).pathname);

export function builtInModule(id: number): ModuleManifest {
  const found = builtInModules.find((module) => module.id === id);
  if (!found) throw new Error(`There is no module ${id}.`);
  return found;
}

/** What the SSH engine would be given. `unchecked` leaves out the check of the values. */
export function builtInTask(id: number, values: ParameterValues, unchecked = false): Task {
  const manifest = builtInModule(id);
  const checked = unchecked ? values : validateParameters(manifest, values);
  const task = renderTask(manifest, checked, { id: "ssh", tasks: taskKindsOf("ssh") }, () => ({ bytes: 1 }));
  if (!task) throw new Error(`Module ${id} has no task for SSH.`);
  return task;
}
