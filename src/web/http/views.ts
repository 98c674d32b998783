import type { z } from "zod";
import type { runHosts } from "../../contract/http/schemas/run-pages.ts";
import type * as runs from "../../contract/http/schemas/runs.ts";
import type { Danger } from "../../contract/module.ts";
import { supportedEngines } from "../../modules/render.ts";
import { moduleSource } from "../../modules/source.ts";
import type { Execution } from "../store/repositories/executions.ts";
import type { StoredModule } from "../store/repositories/modules.ts";
import type { Run, RunColumns } from "../store/repositories/runs.ts";

/** What of a stored thing goes out, named field by field: a new column shows nowhere until it is named here. */

type RunView = Readonly<z.output<typeof runs.run>>;
type ExecutionView = z.output<typeof runs.execution>;

export function runView(run: Run): RunView {
  return {
    id: run.id,
    uid: run.uid,
    state: run.state,
    needsAttention: run.needsAttention,
    reason: run.reason,
    counts: run.counts,
    hostCount: run.hostCount,
    liveSeq: run.liveSeq,
    moduleId: run.moduleId,
    moduleVersion: run.moduleVersion,
    moduleKey: run.moduleKey,
    moduleName: run.moduleName,
    danger: run.danger as Danger,
    parameters: run.parameters,
    query: run.query,
    planSha256: run.planSha256,
    width: run.width,
    waveSize: run.waveSize,
    maxFailures: run.maxFailures,
    becomeUser: run.becomeUser,
    timeoutMilliseconds: run.timeoutMilliseconds,
    check: run.check,
    requestedBy: run.requestedBy,
    cancelRequestedBy: run.cancelRequestedBy,
    rerunOf: run.rerunOf,
    createdAt: run.createdAt,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    approval: run.approval,
  };
}

export function executionView(execution: Execution): ExecutionView {
  return {
    position: execution.position,
    hostId: execution.hostId,
    hostName: execution.hostName,
    address: execution.address,
    engine: execution.engine,
    wave: execution.wave,
    state: execution.state,
    exitCode: execution.exitCode,
    signal: execution.signal,
    reason: execution.reason,
    startedAt: execution.startedAt,
    finishedAt: execution.finishedAt,
    stdoutBytes: execution.stdoutBytes,
    stderrBytes: execution.stderrBytes,
    output: execution.output,
    stdoutSha256: execution.stdoutSha256,
    stderrSha256: execution.stderrSha256,
    liveSeq: execution.liveSeq,
  };
}

export function runHostsView(run: Run, columns: RunColumns): z.output<typeof runHosts> {
  const after = (times: readonly (number | null)[]) =>
    times.map((time) => (time === null ? null : time - run.createdAt));
  return {
    seq: run.liveSeq,
    run: runView(run),
    hostIds: [...columns.hostIds],
    hostNames: [...columns.hostNames],
    addresses: [...columns.addresses],
    answers: [...columns.answers],
    answerOf: [...columns.answerOf],
    reasons: [...columns.reasons],
    startedAfter: after(columns.startedAt),
    finishedAfter: after(columns.finishedAt),
    newer: [...columns.newer],
  };
}

export function moduleSummaryView(module: StoredModule) {
  const { id, key, version, manifest, builtIn, enabled, updatedAt, updatedBy } = module;
  return {
    id,
    key,
    version,
    name: manifest.name,
    description: manifest.description,
    danger: manifest.danger,
    builtIn,
    enabled,
    engines: supportedEngines(manifest),
    updatedAt,
    updatedBy,
  };
}

export function moduleDetailView(module: StoredModule) {
  return {
    ...moduleSummaryView(module),
    sha256: module.sha256,
    parameters: module.manifest.parameters,
    source: moduleSource(module.manifest),
  };
}
