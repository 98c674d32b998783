import { OmError } from "../../../contract/errors.ts";
import { foldHosts } from "../../../contract/host-range.ts";
import { reasonText } from "../../../contract/reasons.ts";
import { executionStates, isFinalRunState, runStates } from "../../../contract/states.ts";
import type { Run } from "../../store/repositories/runs.ts";
import type { Handlers } from "../call.ts";
import type { Services } from "../parts.ts";
import { runsWaitingFor, waitsFor } from "../run-approvals.ts";
import { approversOf } from "../run-approvers.ts";
import { executionView, runHostsView, runView } from "../views.ts";
import { scopeFor, visibleInventory, visibleRun } from "../visible.ts";
import { actorOf, type Who } from "../who.ts";

/** Runs: looked at before, started, followed in lists, ended. */
export const runHandlers = {
  previewRun({ who, body }, { runRequests }) {
    return runRequests.preview(who, body);
  },

  async startRun({ who, body, audit, request }, { runRequests }) {
    const key = idempotencyKey(request.headers["idempotency-key"]);
    return runView(await runRequests.start(who, body, audit, key));
  },

  async rerun({ who, params, body, audit }, { runRequests }) {
    return runView(await runRequests.rerun(who, params.id, body, audit));
  },

  async approveRun({ who, params, body, audit }, { runApprovals }) {
    return runView(await runApprovals.approve(who, params.id, body, audit));
  },

  async rejectRun({ who, params, body, audit }, { runApprovals }) {
    return runView(await runApprovals.reject(who, params.id, body, audit));
  },

  async listRuns({ who, query }, { store, dispatcher }) {
    const { cursor, limit, state, host, waitingFor, ...filter } = query;
    const states = state === undefined ? {} : { state: statesIn(state, runStates) };
    const forMe = waitingFor === undefined ? {} : runsWaitingFor(who);
    if (forMe === undefined) return { rows: [] };
    const { scope, hosts } = await visibleInventory(store, who);
    const named = host === undefined ? undefined : hosts.find(({ name }) => name === host.trim());
    if (host !== undefined && named === undefined) return { rows: [] };
    const hostId = named === undefined ? {} : { hostId: named.id };
    const page = await store.runs.list({ ...filter, ...states, ...forMe, ...hostId }, scope, {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { rows: await withWaits(who, dispatcher, page.rows), next: page.next };
  },

  async getRun({ who, params }, { store, dispatcher }) {
    const run = await visibleRun(store, who, params.id);
    const [view] = await withWaits(who, dispatcher, [run]);
    const approvers = await approversOf(store, who, run);
    return { ...(view ?? runView(run)), ...(approvers === undefined ? {} : { approvers }) };
  },

  async listExecutions({ who, params, query }, { store }) {
    await visibleRun(store, who, params.id);
    const { after, limit, state } = query;
    const rows = await store.runs.executions(params.id, {
      limit: limit + 1,
      ...(after === undefined ? {} : { after }),
      ...(state === undefined ? {} : { state: statesIn(state, executionStates) }),
    });
    const shown = rows.slice(0, limit);
    return {
      rows: shown.map(executionView),
      ...(rows.length > limit ? { next: shown.at(-1)?.position } : {}),
    };
  },

  async readRunHosts({ who, params }, { store }) {
    const run = await visibleRun(store, who, params.id);
    return runHostsView(run, await store.runs.columns(run.id, run.liveSeq));
  },

  async readEarlierRuns({ who, params }, { store }) {
    const run = await visibleRun(store, who, params.id);
    const { runs, sameHosts, ...usual } = await store.runs.earlier(run, await scopeFor(store, who));
    return { runs: runs.map(runView), ...(sameHosts === undefined ? {} : { sameHosts: runView(sameHosts) }), ...usual };
  },

  async listGroups({ who, params }, { store }) {
    await visibleRun(store, who, params.id);
    const groups = await store.runs.groups(params.id);
    return { groups: groups.map(({ hostNames, ...group }) => ({ ...group, hosts: foldHosts(hostNames) })) };
  },

  async cancelRun({ who, params, audit }, { store, dispatcher }) {
    const run = await visibleRun(store, who, params.id);
    await audit({ action: "run.cancel", object: `run ${run.id}` });
    return runView(await dispatcher.cancel(run.id, actorOf(who)));
  },
} satisfies Partial<Handlers>;

/** Runs as they go out, each with those for whom it waits. */
async function withWaits(who: Who, dispatcher: Services["dispatcher"], runs: readonly Run[]) {
  const open = runs.filter(({ state }) => !isFinalRunState(state)).map(({ id }) => id);
  const waiting = open.length === 0 ? undefined : await dispatcher.waiting(open);
  return runs.map((run) => {
    const controllers = waiting?.get(run.id);
    const forMe = waitsFor(who, run) ? { waitsForMe: true } : {};
    return { ...runView(run), ...(controllers === undefined ? {} : { waitsFor: controllers }), ...forMe };
  });
}

function idempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === "string" && /^[\x21-\x7e]{1,100}$/.test(header)) return header;
  throw new OmError("request.invalid", reasonText("key_header_invalid"), {
    problems: [{ place: "idempotency-key", message: reasonText("is_not_valid") }],
  });
}

/** `ok,failed` as states; `request.invalid` for one that there is not. */
function statesIn<State extends string>(text: string, known: readonly State[]): State[] {
  return text.split(",").map((part) => {
    const state = known.find((each) => each === part.trim());
    if (state !== undefined) return state;
    throw new OmError("request.invalid", reasonText("no_such_state", { state: part, states: known.join(", ") }), {
      problems: [{ place: "state", message: reasonText("is_no_state", { state: part }) }],
    });
  });
}
