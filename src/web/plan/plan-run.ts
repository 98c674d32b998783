import { createHash } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import type { EngineId } from "../../contract/engine.ts";
import { OmError } from "../../contract/errors.ts";
import { type Plan, PlanSchema } from "../../contract/link/controller_pb.ts";
import type { Danger, ModuleManifest, ParameterValues } from "../../contract/module.ts";
import { reasonText } from "../../contract/reasons.ts";
import { canonicalJson } from "../../modules/content.ts";
import { canCheck, taskKindsOf } from "../../modules/engine-tasks.ts";
import { secretParameters, validateParameters } from "../../modules/parameters.ts";
import { renderTask, supportedEngines } from "../../modules/render.ts";
import { type PlacedHost, type Placing, placedHosts } from "./place-hosts.ts";

export interface PlanInput extends Placing {
  readonly module: { readonly id: number; readonly version: number; readonly manifest: ModuleManifest };
  readonly parameters: ParameterValues;
  readonly width: number;
  readonly maxFailures?: number;
  readonly becomeUser?: string;
  readonly timeoutMilliseconds?: number;
  /** A dry run: only engines take part that can say what the module would change. */
  readonly check?: boolean;
  readonly connectTimeoutMilliseconds: number;
  readonly outputLimitBytes: number;
  readonly defaultTimeoutMilliseconds: number;
  /** Library files by SHA-256, for parameters of format `file`. */
  readonly file: (sha256: string) => { readonly name: string; readonly bytes: number } | undefined;
}

/** A run as it will be, frozen: the same input gives the same bytes and hash. */
export interface PlannedRun {
  readonly module: PlanInput["module"];
  readonly danger: Danger;
  readonly becomeUser: string;
  readonly timeoutMilliseconds: number;
  readonly width: number;
  readonly waveSize?: number;
  readonly maxFailures?: number;
  readonly check: boolean;
  /** Secrets replaced by `"••••••"`, for the record. */
  readonly shownParameters: ParameterValues;
  readonly plan: Plan;
  /** SHA-256, hex, of the encoded plan. */
  readonly planSha256: string;
  /** In position order, which is the natural order of names; a skipped host is in the list and not in `plan.hosts`. */
  readonly hosts: readonly PlacedHost[];
}

/** Stands for a secret wherever a parameter is shown. */
export const hiddenSecret = "••••••";

/**
 * Freezes a run: checked parameters with their defaults, every host with its engine, address, jump hosts and wave. Of a
 * host's engines the first is taken that has an implementation of the module and is usable on the host's controller; where
 * none is known to be usable, the first with an implementation, whose controller then says what is wrong with it.
 * A host that cannot take part is skipped with a sentence that says why: it is disabled, has no address, its jump hosts
 * cannot be read, or the module has no implementation for its engines (in a dry run: none that can be asked). Waves count the hosts that take part, in position order.
 * The plan carries secrets as they are: it goes to the controller only.
 *
 * Throws `query.no_hosts` for no host or only skipped ones, `module.unsupported` when no host's engine can run the
 * module, `module.parameters` for wrong parameters or a file that the library does not have, and `request.invalid` for
 * a user other than the one that the module demands.
 */
export function planRun(input: PlanInput): PlannedRun {
  const { manifest } = input.module;
  if (input.hosts.length === 0) {
    throw new OmError("query.no_hosts", reasonText("plan_no_hosts"));
  }
  const becomeUser = becomeUserOf(input);
  const parameters = validateParameters(manifest, input.parameters);
  const files = filesOf(input, parameters);
  const hosts = placedHosts(input, engineProblems(input, parameters, files));
  refuseNothingToRun(manifest, hosts);
  const timeoutMilliseconds =
    input.timeoutMilliseconds ?? manifest.timeoutMilliseconds ?? input.defaultTimeoutMilliseconds;
  const module = new TextEncoder().encode(canonicalJson(manifest));
  const plan = create(PlanSchema, {
    module,
    moduleSha256: createHash("sha256").update(module).digest(),
    parameters: new TextEncoder().encode(canonicalJson(parameters)),
    hosts: hosts.flatMap(({ inPlan }) => (inPlan === undefined ? [] : [inPlan])),
    becomeUser,
    width: input.width,
    connectTimeoutMs: BigInt(input.connectTimeoutMilliseconds),
    runTimeoutMs: BigInt(timeoutMilliseconds),
    outputLimitBytes: BigInt(input.outputLimitBytes),
    maxFailures: input.maxFailures ?? 0,
    check: input.check ?? false,
    files: [...files]
      .map(([sha256, { name, bytes }]) => ({ sha256, name, bytes: BigInt(bytes) }))
      .sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1)),
  });
  return {
    module: input.module,
    danger: manifest.danger,
    becomeUser,
    timeoutMilliseconds,
    width: input.width,
    ...(input.waveSize === undefined ? {} : { waveSize: input.waveSize }),
    ...(input.maxFailures === undefined ? {} : { maxFailures: input.maxFailures }),
    check: input.check ?? false,
    shownParameters: shownParametersOf(manifest, parameters),
    plan,
    planSha256: createHash("sha256").update(toBinary(PlanSchema, plan)).digest("hex"),
    hosts: hosts.map(({ inPlan: _, ...host }) => host),
  };
}

type Files = Map<string, { readonly name: string; readonly bytes: number }>;

/** The module's user stands; a run may name one only where the module names none. */
function becomeUserOf({ module, becomeUser }: PlanInput): string {
  const demanded = module.manifest.become?.user;
  if (demanded !== undefined && becomeUser && becomeUser !== demanded) {
    const message = reasonText("plan_runs_as", { user: demanded });
    throw new OmError(
      "request.invalid",
      reasonText("plan_runs_otherwise", { module: module.manifest.key, user: demanded, other: becomeUser }),
      { problems: [{ place: "/becomeUser", message }] },
    );
  }
  return demanded ?? becomeUser ?? "";
}

function filesOf({ module, file }: PlanInput, parameters: ParameterValues): Files {
  const files: Files = new Map();
  for (const [name, property] of Object.entries(module.manifest.parameters.properties)) {
    const value = parameters[name];
    if (property.format !== "file" || typeof value !== "string" || value === "") continue;
    const found = file(value);
    if (found === undefined) {
      throw new OmError("module.parameters", reasonText("plan_file_absent", { name }), {
        problems: [{ place: `/${name}`, message: reasonText("plan_file_unknown") }],
      });
    }
    files.set(value, { name: found.name, bytes: found.bytes });
  }
  return files;
}

/** For each engine of the hosts that cannot run the module: why. Adds the files that the module itself names. */
function engineProblems(
  { module, hosts, file, check }: PlanInput,
  parameters: ParameterValues,
  files: Files,
): ReadonlyMap<EngineId, string> {
  function lookUp(sha256: string): ReturnType<PlanInput["file"]> {
    const found = files.get(sha256) ?? file(sha256);
    if (found !== undefined) files.set(sha256, { name: found.name, bytes: found.bytes });
    return found;
  }
  const problems = new Map<EngineId, string>();
  for (const id of new Set(hosts.flatMap(({ engines }) => engines))) {
    const task = renderTask(module.manifest, parameters, { id, tasks: taskKindsOf(id) }, lookUp);
    if (task === undefined) {
      problems.set(id, reasonText("module_not_for_engine", { module: module.manifest.key, engine: id }));
    } else if (check === true && !canCheck(id, task)) {
      problems.set(id, reasonText("engine_cannot_check", { engine: id, module: module.manifest.key }));
    }
  }
  return problems;
}

function refuseNothingToRun(manifest: ModuleManifest, hosts: readonly PlacedHost[]): void {
  if (hosts.some(({ skipped }) => skipped === undefined)) return;
  const supported = supportedEngines(manifest);
  if (hosts.every(({ host }) => !host.engines.some((engine) => supported.includes(engine)))) {
    const engines = [...new Set(hosts.flatMap(({ host }) => host.engines))].sort().join(", ");
    const more = { module: manifest.key, others: engines };
    throw new OmError(
      "module.unsupported",
      supported.length === 0
        ? reasonText("plan_no_engine", more)
        : reasonText("plan_other_engines", { ...more, engines: supported.join(", ") }),
    );
  }
  const [first] = hosts;
  throw new OmError(
    "query.no_hosts",
    reasonText("plan_none_can", { count: hosts.length, host: first?.host.name ?? "", why: first?.skipped ?? "" }),
  );
}

function shownParametersOf(manifest: ModuleManifest, parameters: ParameterValues): ParameterValues {
  const secrets = new Set(secretParameters(manifest));
  const shown = Object.entries(parameters).map(([name, value]) => [name, secrets.has(name) ? hiddenSecret : value]);
  return Object.fromEntries(shown) as ParameterValues;
}

/** The same order whatever order the hosts came in. */
