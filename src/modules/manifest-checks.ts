import type { EngineId } from "../contract/engine.ts";
import type {
  ArgumentTemplate,
  ModuleAction,
  ModuleManifest,
  ParameterReference,
  PlaybookAction,
} from "../contract/module.ts";
import { reasonText } from "../contract/reasons.ts";
import { taskKindsOf } from "./engine-tasks.ts";
import { fileFieldProblem } from "./file-fields.ts";
import { type ManifestProblem, noParameter, type Path } from "./manifest-problem.ts";
import { checkParameters } from "./parameter-checks.ts";

/** What is wrong with a manifest of the right shape. */
export function checkManifest(manifest: ModuleManifest): ManifestProblem[] {
  return [...checkParameters(manifest.parameters), ...checkRun(manifest)];
}

function checkRun(manifest: ModuleManifest): ManifestProblem[] {
  const { all, engines } = manifest.run;
  const own = Object.entries(engines ?? {}) as [EngineId, ModuleAction][];
  if (!all && own.length === 0) return [{ path: ["run"], message: reasonText("manifest_no_action") }];
  const problems = all ? checkAction(manifest, all, ["run", "all"]) : [];
  if (all?.kind === "native" || all?.kind === "playbook") {
    const message = reasonText("manifest_one_engine", { kind: all.kind });
    problems.push({ path: ["run", "all", "kind"], message });
  }
  for (const [engine, action] of own) {
    const path = ["run", "engines", engine];
    if (!taskKindsOf(engine).includes(action.kind)) {
      problems.push({
        path: [...path, "kind"],
        message: reasonText("manifest_not_carried", { engine, kind: action.kind }),
      });
    }
    problems.push(...checkAction(manifest, action, path));
  }
  return problems;
}

function checkAction(manifest: ModuleManifest, action: ModuleAction, path: Path): ManifestProblem[] {
  const check = argumentChecker(manifest);
  switch (action.kind) {
    case "command":
      return [...programProblems(action.argv, [...path, "argv"]), ...check(action.argv, [...path, "argv"])];
    case "script":
      return [
        ...programProblems(action.interpreter, [...path, "interpreter"]),
        ...check(action.arguments ?? [], [...path, "arguments"]),
      ];
    case "file":
      return checkFileAction(manifest, action, path);
    case "playbook":
      return checkPlaybookAction(manifest, action, path);
    case "native":
      return [
        ...positionalProblems(action, path),
        ...Object.entries(action.arguments).flatMap(([name, template]) =>
          typeof template === "object"
            ? referenceProblems(manifest, template, [...path, "arguments", name], { secrets: true, files: true })
            : [],
        ),
      ];
  }
}

/** An order names every argument once; Func, which has no names for them, needs one where there are several. */
function positionalProblems(action: Extract<ModuleAction, { kind: "native" }>, path: Path): ManifestProblem[] {
  const names = Object.keys(action.arguments);
  const { positional } = action;
  if (positional === undefined) {
    if (path.at(-1) !== "func" || names.length < 2) return [];
    return [{ path, message: reasonText("manifest_func_order") }];
  }
  const problems: ManifestProblem[] = positional.flatMap((name, index) => {
    const place = [...path, "positional", index];
    if (!names.includes(name)) return [{ path: place, message: reasonText("manifest_no_argument", { name }) }];
    return positional.indexOf(name) === index
      ? []
      : [{ path: place, message: reasonText("manifest_names_twice", { name }) }];
  });
  const left = names.filter((name) => !positional.includes(name));
  for (const name of left) {
    problems.push({ path: [...path, "positional"], message: reasonText("manifest_argument_unnamed", { name }) });
  }
  return problems;
}

function checkPlaybookAction(manifest: ModuleManifest, action: PlaybookAction, path: Path): ManifestProblem[] {
  const check = argumentChecker(manifest);
  const one = (action.playbook === undefined) !== (action.role === undefined);
  return [
    ...(one ? [] : [{ path, message: reasonText("manifest_playbook_or_role") }]),
    ...Object.entries(action.variables ?? {}).flatMap(([name, template]) =>
      typeof template === "object"
        ? referenceProblems(manifest, template, [...path, "variables", name], { secrets: true })
        : [],
    ),
    ...check(action.tags ?? [], [...path, "tags"]),
    ...check(action.skipTags ?? [], [...path, "skipTags"]),
    ...(action.limit === undefined ? [] : templateProblems(manifest, action.limit, [...path, "limit"], {})),
  ];
}

function checkFileAction(
  manifest: ModuleManifest,
  action: Extract<ModuleAction, { kind: "file" }>,
  path: Path,
): ManifestProblem[] {
  const problems: ManifestProblem[] = [];
  for (const field of ["file", "destination", "owner", "group", "mode"] as const) {
    const template = action[field];
    if (template === undefined) continue;
    const place = [...path, field];
    problems.push(...templateProblems(manifest, template, place, { files: field === "file" }));
    for (const { text, at } of literalsOf(template, place)) {
      const wrong = fileFieldProblem(field, text);
      if (wrong) problems.push({ path: at, message: wrong });
    }
  }
  if (typeof action.file === "object") {
    const chosen = manifest.parameters.properties[action.file.parameter];
    if (chosen && chosen.format !== "file") {
      problems.push({
        path: [...path, "file"],
        message: reasonText("manifest_format_file", { name: action.file.parameter }),
      });
    }
  }
  if (action.after) {
    const place = [...path, "after"];
    problems.push(...programProblems(action.after, place), ...argumentChecker(manifest)(action.after, place));
  }
  if (typeof action.afterAlways === "object") {
    const place = [...path, "afterAlways"];
    problems.push(...referenceProblems(manifest, action.afterAlways, place, {}));
    const chosen = manifest.parameters.properties[action.afterAlways.parameter];
    if (chosen && chosen.type !== "boolean") {
      problems.push({
        path: place,
        message: reasonText("manifest_type_boolean", { name: action.afterAlways.parameter }),
      });
    }
  }
  return problems;
}

/** Only the author names the program, never a parameter. */
function programProblems(argv: readonly ArgumentTemplate[], path: Path): ManifestProblem[] {
  const place = [...path, 0];
  const [first] = argv;
  if (typeof first !== "string") {
    return [{ path: place, message: reasonText("manifest_program_text") }];
  }
  if (!/^(?:\/[^\p{Cc}]*[^\p{Cc}/]|[A-Za-z0-9_][A-Za-z0-9_.+-]*)$/u.test(first)) {
    return [{ path: place, message: reasonText("manifest_program_path") }];
  }
  return [];
}

function argumentChecker(manifest: ModuleManifest) {
  return (templates: readonly ArgumentTemplate[], path: Path): ManifestProblem[] =>
    templates.flatMap((template, index) => templateProblems(manifest, template, [...path, index], {}));
}

interface Allowed {
  readonly secrets?: boolean;
  readonly files?: boolean;
}

function templateProblems(
  manifest: ModuleManifest,
  template: ArgumentTemplate,
  path: Path,
  allowed: Allowed,
): ManifestProblem[] {
  return typeof template === "string" ? [] : referenceProblems(manifest, template, path, allowed);
}

function referenceProblems(
  manifest: ModuleManifest,
  reference: ParameterReference,
  path: Path,
  allowed: Allowed,
): ManifestProblem[] {
  const { properties } = manifest.parameters;
  const place = [...path, "parameter"];
  const rest =
    reference.otherwise === undefined
      ? []
      : templateProblems(manifest, reference.otherwise, [...path, "otherwise"], allowed);
  const property = Object.hasOwn(properties, reference.parameter) ? properties[reference.parameter] : undefined;
  if (!property) return [{ path: place, message: noParameter(reference.parameter, Object.keys(properties)) }, ...rest];
  if (property.format === "password" && !allowed.secrets) {
    const variable = `$OM_${reference.parameter.toUpperCase()}`;
    const message = reasonText("manifest_password_shown", { name: reference.parameter, variable });
    return [{ path: place, message }, ...rest];
  }
  if (property.format === "file" && !allowed.files) {
    return [{ path: place, message: reasonText("manifest_file_only", { name: reference.parameter }) }, ...rest];
  }
  const known = property.enum?.map(String);
  const strange = known ? Object.keys(reference.values ?? {}).filter((key) => !known.includes(key)) : [];
  return [
    ...strange.map((key) => ({
      path: [...path, "values", key],
      atKey: true,
      message: reasonText("manifest_value_impossible", { name: reference.parameter }),
    })),
    ...rest,
  ];
}

/** Every literal text that a template can become. */
function literalsOf(template: ArgumentTemplate, path: Path): { text: string; at: Path }[] {
  if (typeof template === "string") return [{ text: template, at: path }];
  return [
    ...Object.entries(template.values ?? {}).map(([key, text]) => ({ text, at: [...path, "values", key] })),
    ...(template.otherwise === undefined ? [] : literalsOf(template.otherwise, [...path, "otherwise"])),
  ];
}
