import { OmError } from "../../../contract/errors.ts";
import { reasonText } from "../../../contract/reasons.ts";
import type { Bytes, Handlers } from "../call.ts";
import { exportedRun } from "../export-run.ts";
import { liveEvents } from "../live-events.ts";
import { executionView } from "../views.ts";
import { scopeFor, visibleRun } from "../visible.ts";

/** What hosts printed: exact bytes, whole exports, and live. */
export const runOutputHandlers = {
  async readOutput({ who, params, query }, { store }): Promise<Bytes> {
    const run = await visibleRun(store, who, params.id);
    const { stream, offset, limit } = query;
    const execution = await store.runs.execution(run.id, params.position);
    const content = await store.runs.output(run.id, params.position, stream, { offset, limit });
    if (execution === undefined || content === undefined) return noPosition(run.id, params.position);
    return { content, fileName: `run-${run.id}-${execution.hostName}.${stream}` };
  },

  async getExecution({ who, params }, { store }) {
    const run = await visibleRun(store, who, params.id);
    const execution = await store.runs.execution(run.id, params.position);
    if (execution === undefined) return noPosition(run.id, params.position);
    const notices = await store.runs.notices(run.id, params.position);
    return { ...executionView(execution), notices: notices.map(({ at, message }) => ({ at, message })) };
  },

  async listSteps({ who, params, query }, { store }) {
    const run = await visibleRun(store, who, params.id);
    const rows = await store.runs.steps(run.id, params.position, query);
    const last = rows.at(-1);
    const next = rows.length < query.limit ? undefined : last?.seq;
    return { rows: rows.map((row) => ({ ...row, path: [...row.path] })), next };
  },

  async readOutputByHash({ who, params, query }, { store }): Promise<Bytes> {
    const run = await visibleRun(store, who, params.id);
    const content = await store.runs.outputByHash(run.id, params.sha256, query);
    if (content === undefined) {
      throw new OmError("request.not_found", reasonText("missing_output", { run: run.id }));
    }
    return { content, fileName: `run-${run.id}-${params.sha256.slice(0, 12)}.output` };
  },

  async exportRun({ who, params, query, signal }, { store }) {
    const run = await visibleRun(store, who, params.id);
    return exportedRun(store.runs, run, query.format, signal);
  },

  async live(call, services) {
    const { who, params, query } = call;
    const run = await visibleRun(services.store, who, params.id);
    const scope = await scopeFor(services.store, who);
    return liveEvents({ run, scope, query, call, services });
  },
} satisfies Partial<Handlers>;

function noPosition(run: number, position: number): never {
  throw new OmError("request.not_found", reasonText("missing_position", { run, position }));
}
