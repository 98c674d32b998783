import type { z } from "zod";
import { OmError } from "../../contract/errors.ts";
import type { runApproval, runRejection } from "../../contract/http/schemas/runs.ts";
import { type Danger, dangers } from "../../contract/module.ts";
import { reasonText } from "../../contract/reasons.ts";
import { mayRun, permissionsOf } from "../access/permissions.ts";
import { notWaiting } from "../dispatch/approvals.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import { requireConfirmation } from "../plan/preview-report.ts";
import type { Execution } from "../store/repositories/executions.ts";
import type { Run, RunFilter } from "../store/repositories/runs.ts";
import type { Store } from "../store/store.ts";
import { adhocId, adhocKeys, sourceOf } from "./adhoc-runs.ts";
import type { AuditNote } from "./audit-note.ts";
import { moduleRefusal, sourceRefusal } from "./run-rights.ts";
import { readSettings } from "./settings.ts";
import { scopeFor, visibleInventory, visibleRun } from "./visible.ts";
import { actorOf, type Who } from "./who.ts";

type Audit = (note: AuditNote) => Promise<void>;

/**
 * What a second person says of a run that waits for one. They must be another user than the one who asked for it, by
 * whichever session or token, and may themselves run just this on just these hosts at this moment; so may, still, the
 * one who asked. What runs is what was frozen. Nothing is written before the audit record.
 */
export interface RunApprovals {
  /** `run.changed` when a host or the module cannot run any more, `run.confirmation` as at the start. */
  approve(who: Who, runId: number, given: z.output<typeof runApproval>, audit: Audit): Promise<Run>;
  reject(who: Who, runId: number, given: z.output<typeof runRejection>, audit: Audit): Promise<Run>;
}

export interface RunApprovalParts {
  readonly store: Store;
  readonly dispatcher: Pick<Dispatcher, "approve" | "reject">;
}

export function createRunApprovals({ store, dispatcher }: RunApprovalParts): RunApprovals {
  async function waitingRun(who: Who, runId: number): Promise<Run> {
    const run = await visibleRun(store, who, runId);
    if (run.state !== "awaiting_approval") throw notWaiting(run);
    const refusal = secondPersonRefusal(who, run);
    if (refusal !== undefined) throw refusal;
    return run;
  }

  /** Hosts and module as they are now: what has gone, or was taken out of service, is not started by an old plan. */
  async function requireRunnable(who: Who, run: Run, hosts: readonly Execution[]): Promise<void> {
    const module = run.moduleId === 0 ? undefined : await store.modules.get(run.moduleId);
    if (run.moduleId !== 0 && !module?.enabled) {
      throw new OmError("run.changed", reasonText("approval_module_off", { module: run.moduleKey, run: run.id }));
    }
    const known = new Map((await store.inventory.snapshot()).hosts.map((host) => [host.id, host]));
    for (const { hostId, hostName } of hosts) {
      const host = known.get(hostId);
      if (host?.enabled) continue;
      const code = host === undefined ? "approval_host_gone" : "approval_host_disabled";
      throw new OmError("run.changed", reasonText(code, { host: hostName, run: run.id }));
    }
    await requireInScope(who, run, hosts);
  }

  async function requireInScope(who: Who, run: Run, hosts: readonly Execution[]): Promise<void> {
    if ((await scopeFor(store, who)) === "all") return;
    const visible = new Set((await visibleInventory(store, who)).hosts.map(({ id }) => id));
    const outside = hosts.find(({ hostId }) => !visible.has(hostId));
    if (outside === undefined) return;
    const more = { user: who.user.name, host: outside.hostName, run: run.id };
    throw new OmError("access.denied", reasonText("approval_out_of_scope", more));
  }

  /** Who asked may have been disabled, demoted or limited since. */
  async function requireRequester(run: Run, hosts: readonly Execution[]): Promise<void> {
    const user = await store.users.get(run.requestedByUserId);
    if (user?.enabled !== true) {
      const code = user === undefined ? "approval_requester_gone" : "approval_requester_disabled";
      throw new OmError("access.denied", reasonText(code, { user: run.requestedBy, run: run.id }));
    }
    const requester: Who = { user, permissions: permissionsOf(user.role, user.scope), tokenId: 0, by: "session" };
    const why = rightsRefusal(requester, run) ?? (await requireInScope(requester, run, hosts).catch(refusalOf));
    if (why === undefined) return;
    const more = { user: user.name, run: run.id, why: why.message };
    throw new OmError("access.denied", reasonText("approval_requester_may_not", more));
  }

  return {
    async approve(who, runId, { comment, confirmHostCount }, audit) {
      const run = await waitingRun(who, runId);
      const hosts = await store.runs.executions(run.id, { limit: run.hostCount, state: ["pending"] });
      await requireRunnable(who, run, hosts);
      await requireRequester(run, hosts);
      const { confirmAboveHosts } = await readSettings(store.settings);
      requireConfirmation({ danger: run.danger, count: hosts.length }, confirmAboveHosts, confirmHostCount);
      const names = hosts.map(({ hostName }) => hostName);
      await audit({ ...noteOf("run.approve", run, comment), hosts: names });
      return dispatcher.approve({ runId: run.id, actor: actorOf(who), comment });
    },

    async reject(who, runId, { comment }, audit) {
      const run = await waitingRun(who, runId);
      await audit(noteOf("run.reject", run, comment));
      return dispatcher.reject({ runId: run.id, actor: actorOf(who), comment });
    },
  };
}

/** Whether somebody who sees the run may be its second person, as far as that shows without looking at its hosts. */
export function waitsFor(who: Who, run: Run): boolean {
  return run.state === "awaiting_approval" && secondPersonRefusal(who, run) === undefined;
}

/** The runs of {@link waitsFor} as the store finds them; undefined when none could wait for this user. */
export function runsWaitingFor(who: Who): RunFilter | undefined {
  if (sourceRefusal(who, "catalogue") !== undefined) return undefined;
  const typed = sourceRefusal(who, "typed") === undefined;
  const drafts = sourceRefusal(who, "draft") === undefined;
  return {
    state: ["awaiting_approval"],
    notRequestedBy: who.user.id,
    danger: dangers.filter((danger) => mayRun(who.user, danger)),
    ...(drafts ? {} : { keysOf: { moduleId: adhocId, keys: typed ? adhocKeys : [] } }),
  };
}

function secondPersonRefusal(who: Who, run: Run): OmError | undefined {
  if (who.user.id === run.requestedByUserId) {
    return new OmError("access.denied", reasonText("approval_own", { run: run.id }));
  }
  return rightsRefusal(who, run);
}

function rightsRefusal(who: Who, run: Run): OmError | undefined {
  return sourceRefusal(who, sourceOf(run)) ?? moduleRefusal(who, run.moduleKey, run.danger as Danger);
}

function refusalOf(error: unknown): OmError {
  if (error instanceof OmError && error.code === "access.denied") return error;
  throw error;
}

function noteOf(action: "run.approve" | "run.reject", run: Run, comment: string): AuditNote {
  const { requestedBy, moduleKey, moduleVersion, danger, planSha256 } = run;
  const detail = { requestedBy, module: moduleKey, version: moduleVersion, danger, planSha256 };
  return { action, object: `run ${run.id}`, detail: { ...detail, ...(comment === "" ? {} : { comment }) } };
}
