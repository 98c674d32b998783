import type { z } from "zod";
import type { EngineId, Task } from "../../contract/engine.ts";
import { OmError } from "../../contract/errors.ts";
import { foldHosts } from "../../contract/host-range.ts";
import type { runPreview } from "../../contract/http/schemas/runs.ts";
import type { ParameterValues } from "../../contract/module.ts";
import { reasonText } from "../../contract/reasons.ts";
import { canCheck, lacksOf, taskKindsOf } from "../../modules/engine-tasks.ts";
import { describeTask, renderTask } from "../../modules/render.ts";
import type { PlannableHost } from "./place-hosts.ts";
import type { PlannedRun } from "./plan-run.ts";

export type RunPreview = z.output<typeof runPreview>;

/**
 * What a planned run would do, to be read before it starts. `hostCount` and `hosts` are the hosts that take part
 * (`plan.hosts`): skipped ones are only under `skipped`. Secrets do not show.
 */
export function previewReport(planned: PlannedRun, limits: { readonly confirmAboveHosts: number }): RunPreview {
  const running = planned.hosts.filter(({ skipped }) => skipped === undefined);
  const reason = confirmationReason(sizeOf(planned), limits.confirmAboveHosts);
  const engines = Map.groupBy(running, ({ engine }) => engine);
  return {
    planSha256: planned.planSha256,
    hostCount: running.length,
    hosts: foldHosts(running.map(({ host }) => host.name)),
    engines: [...engines]
      .map(([engine, { length }]) => ({ engine, count: length, lacks: lacksOf(engine) }))
      .sort(byCount),
    check: planned.check,
    canCheck: [...engines.keys()].some((engine) => isCheckable(planned, engine)),
    danger: planned.danger,
    becomeUser: planned.becomeUser,
    width: planned.width,
    ...(planned.waveSize === undefined ? {} : { waveSize: planned.waveSize }),
    ...(planned.maxFailures === undefined ? {} : { maxFailures: planned.maxFailures }),
    timeoutMilliseconds: planned.timeoutMilliseconds,
    tasks: [...engines.keys()].sort().map((engine) => describedTask(planned, engine)),
    skipped: skippedHosts(planned),
    needsConfirmation: reason !== "",
    confirmationReason: reason,
    needsApproval: false,
    waitsFor: [],
    unusable: [],
  };
}

/** Hosts whose engine cannot be used where they would run, with equal faults together. */
export function unusableEngines(
  taking: PlannedRun["hosts"],
  faultOf: (host: PlannableHost, engine: EngineId) => { readonly reason: string; readonly mend: string } | undefined,
): RunPreview["unusable"] {
  const faulty = taking.flatMap(({ host, engine }) => {
    const fault = faultOf(host, engine);
    return fault === undefined ? [] : [{ name: host.name, engine, reason: fault.reason, mend: fault.mend }];
  });
  return [...Map.groupBy(faulty, ({ engine, reason }) => `${engine}\n${reason}`).values()].flatMap((hosts) => {
    const [first] = hosts;
    if (first === undefined) return [];
    const { engine, reason, mend } = first;
    return [{ engine, hosts: foldHosts(hosts.map(({ name }) => name)), count: hosts.length, reason, mend }];
  });
}

/** What a confirmation is about: how dangerous, and how many hosts take part. */
export interface RunSize {
  readonly danger: string;
  readonly count: number;
}

export function sizeOf({ danger, plan }: Pick<PlannedRun, "danger" | "plan">): RunSize {
  return { danger, count: plan.hosts.length };
}

/** Why the number of hosts that take part must be repeated; empty when it need not. */
export function confirmationReason(
  { danger, count }: RunSize,
  confirmAboveHosts: number,
): RunPreview["confirmationReason"] {
  if (danger === "destructive") return "destructive";
  return count > confirmAboveHosts ? "many_hosts" : "";
}

/**
 * Refuses (`run.confirmation`) a start or an approval whose repeated host count is missing where it is needed, or is
 * wrong: it must be the number of hosts that take part.
 */
export function requireConfirmation(
  size: RunSize,
  confirmAboveHosts: number,
  confirmHostCount: number | undefined,
): void {
  const { count } = size;
  const reason = confirmationReason(size, confirmAboveHosts);
  if (confirmHostCount === count || (confirmHostCount === undefined && reason === "")) return;
  const message =
    reason === "destructive"
      ? reasonText("confirm_destructive", { count })
      : reason === "many_hosts"
        ? reasonText("confirm_many", { limit: confirmAboveHosts, count })
        : reasonText("confirm_given", { count });
  const place = { place: "/confirmHostCount", message: reasonText("must_be", { value: count }) };
  throw new OmError("run.confirmation", message, {
    problems: [place],
  });
}

function describedTask(planned: PlannedRun, engine: EngineId): RunPreview["tasks"][number] {
  const task = taskOf(planned, engine);
  return { engine, text: task === undefined ? "" : describeTask(task), told: task?.kind === "file" };
}

function isCheckable(planned: PlannedRun, engine: EngineId): boolean {
  const task = taskOf(planned, engine);
  return task !== undefined && canCheck(engine, task);
}

function taskOf(planned: PlannedRun, engine: EngineId): Task | undefined {
  const files = new Map(planned.plan.files.map(({ sha256, bytes }) => [sha256, { bytes: Number(bytes) }]));
  const values = JSON.parse(new TextDecoder().decode(planned.plan.parameters)) as ParameterValues;
  const kinds = { id: engine, tasks: taskKindsOf(engine) };
  return renderTask(planned.module.manifest, values, kinds, (sha256) => files.get(sha256));
}

function skippedHosts(planned: PlannedRun): RunPreview["skipped"] {
  const skipped = planned.hosts.filter((host) => host.skipped !== undefined);
  return [...Map.groupBy(skipped, (host) => host.skipped ?? "")]
    .map(([reason, hosts]) => ({
      hosts: foldHosts(hosts.map(({ host }) => host.name)),
      count: hosts.length,
      reason,
    }))
    .sort((a, b) => b.count - a.count);
}

function byCount(
  a: { readonly engine: string; readonly count: number },
  b: { readonly engine: string; readonly count: number },
): number {
  return b.count - a.count || (a.engine < b.engine ? -1 : 1);
}
