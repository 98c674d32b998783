import { createHash } from "node:crypto";
import type { z } from "zod";
import { OmError } from "../../contract/errors.ts";
import type { Routes } from "../../contract/http/routes.ts";
import type { runRequest, runStart } from "../../contract/http/schemas/runs.ts";
import type { ParameterValues } from "../../contract/module.ts";
import { reasonText } from "../../contract/reasons.ts";
import { type ExecutionState, executionStates } from "../../contract/states.ts";
import { secretParameters } from "../../modules/parameters.ts";
import { needsApproval } from "../access/approval.ts";
import type { Dispatcher, StartRun } from "../dispatch/dispatcher.ts";
import { hiddenSecret, type PlanInput, type PlannedRun, planRun } from "../plan/plan-run.ts";
import {
  previewReport,
  type RunPreview,
  requireConfirmation,
  sizeOf,
  unusableEngines,
} from "../plan/preview-report.ts";
import { runSelectionStates } from "../plan/query.ts";
import type { Host } from "../store/repositories/inventory.ts";
import type { Run } from "../store/repositories/runs.ts";
import type { Store } from "../store/store.ts";
import { adhocFromRecord, adhocPlanModule, type PlanModule, recordOfAdhoc, requireOneHost } from "./adhoc-runs.ts";
import type { AuditNote } from "./audit-note.ts";
import { moduleRefusal, sourceRefusal } from "./run-rights.ts";
import { readSettings, type Settings } from "./settings.ts";
import { missing, selectHosts, visibleInventory, visibleRun } from "./visible.ts";
import { actorOf, type Who } from "./who.ts";

type RunRequest = z.output<typeof runRequest>;
type RunStart = z.output<typeof runStart>;
type RerunRequest = z.output<Routes["rerun"]["body"]>;

/** How a start is noted before it happens. */
type Audit = (note: AuditNote) => Promise<void>;

/**
 * From a request to a run: who may, which hosts, what exactly, confirmed by whom; then the audit record, then the start.
 * Nothing is written before the audit record, and the hosts are those of the requester's scope only.
 */
export interface RunRequests {
  preview(who: Who, request: RunRequest): Promise<RunPreview>;
  /** `run.changed` when the plan is not the one that was shown, `run.confirmation` when the count is missing or wrong. */
  start(who: Who, request: RunStart, audit: Audit, idempotencyKey: string | undefined): Promise<Run>;
  /** The same module version, parameters and limits on the hosts of an earlier run that ended so. */
  rerun(who: Who, runId: number, request: RerunRequest, audit: Audit): Promise<Run>;
}

export interface RunRequestParts {
  readonly store: Store;
  readonly dispatcher: Pick<Dispatcher, "start" | "engineUse" | "engineFaults" | "wouldWait">;
}

const selections: Readonly<Record<RerunRequest["selection"], readonly ExecutionState[]>> = {
  all: executionStates,
  not_ok: runSelectionStates.failed,
  failed: ["failed", "timed_out", "unreachable"],
  unknown: ["unknown"],
};

export function createRunRequests({ store, dispatcher }: RunRequestParts): RunRequests {
  async function planOf(
    who: Who,
    module: PlanModule,
    parameters: ParameterValues,
    hosts: readonly Host[],
    limits: Pick<RunRequest, "width" | "waveSize" | "maxFailures" | "becomeUser" | "timeoutMilliseconds" | "check">,
    settings: Settings,
  ): Promise<PlannedRun> {
    const { key, danger } = module.manifest;
    const refusal = moduleRefusal(who, key, danger);
    if (refusal !== undefined) throw refusal;
    const files = await filesOf(store, module, parameters);
    return planRun({
      module,
      parameters,
      hosts,
      width: limits.width ?? settings.runWidth,
      ...(limits.waveSize === undefined ? {} : { waveSize: limits.waveSize }),
      ...(limits.maxFailures === undefined ? {} : { maxFailures: limits.maxFailures }),
      ...(limits.becomeUser ? { becomeUser: limits.becomeUser } : {}),
      ...(limits.timeoutMilliseconds === undefined ? {} : { timeoutMilliseconds: limits.timeoutMilliseconds }),
      check: limits.check ?? false,
      canUse: await dispatcher.engineUse(),
      connectTimeoutMilliseconds: settings.connectTimeoutMilliseconds,
      outputLimitBytes: settings.outputLimitBytes,
      defaultTimeoutMilliseconds: settings.runTimeoutMilliseconds,
      file: (sha256) => files.get(sha256),
    });
  }

  async function plan(who: Who, request: RunRequest, settings: Settings): Promise<PlannedRun> {
    const module = await moduleOf(store, who, request);
    if (request.query.trim() === "") {
      throw new OmError("query.no_hosts", reasonText("query_empty"), {
        problems: [{ place: "/query", message: reasonText("must_not_be_empty") }],
      });
    }
    const { hosts } = await selectHosts(store, who, request.query, "leave_out");
    const planned = await planOf(who, module, request.parameters, hosts, request, settings);
    requireOneHost(planned, request);
    return planned;
  }

  return {
    async preview(who, request) {
      const settings = await readSettings(store.settings);
      const planned = await plan(who, request, settings);
      const taking = planned.hosts.filter(({ skipped }) => skipped === undefined);
      return {
        ...previewReport(planned, settings),
        needsApproval: needsApproval(settings.approvalFor, planned.danger),
        waitsFor: [...(await dispatcher.wouldWait(taking.map(({ host }) => host)))],
        unusable: unusableEngines(taking, await dispatcher.engineFaults()),
      };
    },

    async start(who, request, audit, idempotencyKey) {
      const settings = await readSettings(store.settings);
      const planned = await plan(who, request, settings);
      if (request.planSha256 !== undefined && request.planSha256 !== planned.planSha256) {
        throw new OmError("run.changed", reasonText("run_differs"));
      }
      requireConfirmation(sizeOf(planned), settings.confirmAboveHosts, request.confirmHostCount);
      const draft = request.draft === undefined ? {} : shortened({ draft: request.draft.source });
      const approval = approvalOf(planned, settings);
      await audit(noteOf("run.start", planned, request.query, { ...draft, ...noteOfApproval(approval) }));
      return dispatcher.start({
        planned: recordOfAdhoc(planned, request),
        query: request.query,
        actor: actorOf(who),
        ...approval,
        ...(idempotencyKey === undefined ? {} : { idempotencyKey: ownKey(who, idempotencyKey) }),
      });
    },

    async rerun(who, runId, request, audit) {
      const settings = await readSettings(store.settings);
      const run = await visibleRun(store, who, runId);
      const again = adhocFromRecord(run);
      const module = again === undefined ? await sameModule(store, run) : await moduleOf(store, who, again);
      const parameters = again === undefined ? keptParameters(module, run) : {};
      const wanted = new Set(await store.runs.hostsByState(run.id, selections[request.selection]));
      const { hosts } = await visibleInventory(store, who);
      const chosen = hosts.filter((host) => wanted.has(host.id));
      if (chosen.length === 0) {
        throw new OmError("query.no_hosts", reasonText("rerun_none_left", { run: run.id }));
      }
      const planned = await planOf(who, module, parameters, chosen, run, settings);
      requireConfirmation(sizeOf(planned), settings.confirmAboveHosts, request.confirmHostCount);
      const approval = approvalOf(planned, settings);
      const more = { rerunOf: run.id, selection: request.selection, ...noteOfApproval(approval) };
      await audit(noteOf("run.rerun", planned, run.query, more));
      return dispatcher.start({
        planned: again === undefined ? planned : recordOfAdhoc(planned, again),
        query: run.query,
        actor: actorOf(who),
        ...approval,
        rerunOf: { runId: run.id, selection: request.selection },
      });
    },
  };
}

function approvalOf(planned: PlannedRun, settings: Settings): Pick<StartRun, "approvalMilliseconds"> {
  if (!needsApproval(settings.approvalFor, planned.danger)) return {};
  return { approvalMilliseconds: settings.approvalMinutes * 60_000 };
}

function noteOfApproval({ approvalMilliseconds }: Pick<StartRun, "approvalMilliseconds">) {
  return approvalMilliseconds === undefined ? {} : { awaitsApproval: true };
}

async function moduleOf(store: Store, who: Who, request: Pick<RunRequest, "module" | "command" | "script" | "draft">) {
  const { command, script, draft } = request;
  const given = [request.module, command, script, draft].filter((each) => each !== undefined);
  if (given.length !== 1) {
    throw new OmError("request.invalid", reasonText("run_needs_single"));
  }
  const source = draft !== undefined ? "draft" : request.module === undefined ? "typed" : "catalogue";
  const refusal = sourceRefusal(who, source);
  if (refusal !== undefined) throw refusal;
  if (request.module === undefined) return adhocPlanModule(request);
  const wanted = request.module;
  const found =
    typeof wanted === "number"
      ? await store.modules.get(wanted)
      : (await store.modules.list()).find(({ key }) => key === wanted);
  if (found === undefined) return missing("module", typeof wanted === "number" ? wanted : `“${wanted}”`);
  if (!found.enabled) throw switchedOff(found.key);
  return { id: found.id, version: found.version, manifest: found.manifest };
}

async function sameModule(store: Store, run: Run): Promise<PlanModule> {
  const newest = await store.modules.get(run.moduleId);
  const found = await store.modules.getVersion(run.moduleId, run.moduleVersion);
  if (newest === undefined || found === undefined) return missing("module", `“${run.moduleKey}”`);
  if (!newest.enabled) throw switchedOff(found.key);
  return { id: found.id, version: found.version, manifest: found.manifest };
}

function switchedOff(key: string): OmError {
  return new OmError("module.invalid", reasonText("module_off", { module: key }));
}

/** Secrets of an earlier run are not kept, so a run with one cannot be repeated without it. */
function keptParameters(module: PlanModule, run: Run): ParameterValues {
  const lost = secretParameters(module.manifest).filter((name) => run.parameters[name] === hiddenSecret);
  if (lost.length === 0) return run.parameters;
  throw new OmError("module.parameters", reasonText("rerun_secret_lost", { run: run.id, names: lost.join(", ") }), {
    problems: lost.map((name) => ({ place: `/${name}`, message: reasonText("secret_again") })),
  });
}

type Files = Map<string, NonNullable<ReturnType<PlanInput["file"]>>>;

async function filesOf(store: Store, module: PlanModule, parameters: ParameterValues): Promise<Files> {
  const files: Files = new Map();
  for (const [name, property] of Object.entries(module.manifest.parameters.properties)) {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : property.default;
    if (property.format !== "file" || typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value)) continue;
    const found = await store.files.findByHash(value);
    if (found !== undefined) files.set(value, found);
  }
  return files;
}

function noteOf(
  action: "run.start" | "run.rerun",
  planned: PlannedRun,
  query: string,
  more: Readonly<Record<string, unknown>> = {},
): AuditNote {
  const running = planned.hosts.filter(({ skipped }) => skipped === undefined);
  return {
    action,
    object: `module ${planned.module.manifest.key} version ${planned.module.version}`,
    hosts: running.map(({ host }) => host.name),
    detail: {
      query,
      danger: planned.danger,
      planSha256: planned.planSha256,
      parameters: shortened(planned.shownParameters),
      ...(planned.becomeUser === "" ? {} : { becomeUser: planned.becomeUser }),
      ...(planned.check ? { check: true } : {}),
      ...more,
    },
  };
}

/** A megabyte of script is told by its hash: the record says what ran and stays readable. */
function shortened(parameters: ParameterValues): ParameterValues {
  const entries = Object.entries(parameters).map(([name, value]) => [
    name,
    typeof value === "string" && value.length > 2000
      ? `${value.slice(0, 200)}… (${value.length} characters, SHA-256 ${createHash("sha256").update(value).digest("hex")})`
      : value,
  ]);
  return Object.fromEntries(entries) as ParameterValues;
}

/** Keys of different users never meet. */
function ownKey(who: Who, key: string): string {
  return `${who.user.id}:${key}`;
}
