import type { Problem } from "../contract/errors.ts";
import type { ModuleAction, ModuleManifest, ParameterValues } from "../contract/module.ts";
import { reasonText } from "../contract/reasons.ts";
import { type FileField, fileFieldProblem } from "./file-fields.ts";
import { parametersOf, resolveTemplate } from "./template.ts";

export type FileAction = Extract<ModuleAction, { kind: "file" }>;

const fields = ["file", "destination", "owner", "group", "mode"] as const satisfies readonly FileField[];

/** What the values make wrong in the module's file actions: a missing destination, a mode that is none. */
export function fileActionProblems(manifest: ModuleManifest, values: ParameterValues): Problem[] {
  const actions = [manifest.run.all, ...Object.values(manifest.run.engines ?? {})];
  const problems = actions.flatMap((action) => (action?.kind === "file" ? problemsOf(action, values) : []));
  return problems.filter((problem, index) => problems.findIndex((other) => same(other, problem)) === index);
}

function problemsOf(action: FileAction, values: ParameterValues): Problem[] {
  return fields.flatMap((field) => {
    const template = action[field];
    if (template === undefined) return [];
    const names = parametersOf(template);
    const text = resolveTemplate(template, values);
    if (text === undefined) {
      if (field !== "file" && field !== "destination") return [];
      const message = reasonText(field === "file" ? "file_not_chosen" : "destination_not_chosen", {
        names: names.map((name) => `“${name}”`).join(", "),
      });
      return [{ place: `/${names[0] ?? ""}`, message }];
    }
    const wrong = fileFieldProblem(field, String(text));
    const name = names.find((candidate) => values[candidate] === text) ?? names[0] ?? "";
    return wrong ? [{ place: `/${name}`, message: reasonText("parameter_fault", { name, fault: wrong }) }] : [];
  });
}

function same(left: Problem, right: Problem): boolean {
  return left.place === right.place && left.message === right.message;
}
