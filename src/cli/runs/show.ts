import type { Command } from "commander";
import type { z } from "zod";
import type { executionDetail } from "../../contract/http/schemas/runs.ts";
import { isFinalRunState } from "../../contract/states.ts";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import { waitsText } from "../controllers/standing.ts";
import { exitCodes } from "../exit-codes.ts";
import type { CliIo } from "../io.ts";
import { count, list, table, timeText } from "../terminal/table.ts";
import { exitCodeOf, followRun } from "./follow-run.ts";
import { positionOf } from "./position.ts";
import { printResults } from "./print-results.ts";
import { runNumber } from "./run-number.ts";
import { approvalText, missingText, outcomeText, progressText, type RunRow } from "./run-view.ts";

interface Options extends ClientOptions {
  readonly watch?: boolean;
}

export function addRunsShow(runs: Command, io: CliIo): void {
  addClientCommand<Options>(runs, io, {
    name: "show <run> [host]",
    description: "show a run: its hosts by answer, folded; or one host's share of it",
    options: (command) => command.option("--watch", "watch it to its end and print what the hosts answered"),
    async action(context, [word = "", host], { watch = false }) {
      const { client, print, usage } = context;
      const id = runNumber(context, word);
      if (host !== undefined) {
        if (watch) usage("--watch watches a whole run. Leave out the host.");
        const position = await positionOf(client, id, host);
        const detail = await client.call("GET /runs/:id/executions/:position", { params: { id, position } });
        return print(detail, () => executionText(detail));
      }
      if (watch) {
        const ended = await followRun(context, id);
        if (ended === undefined) return io.setExitCode(exitCodes.interrupted);
        await printResults(context, ended);
        return io.setExitCode(exitCodeOf(ended));
      }
      const run = await client.call("GET /runs/:id", { params: { id } });
      const { groups } = await client.call("GET /runs/:id/groups", { params: { id } });
      await print({ run, groups }, () => {
        const rows = groups.map((group) => [
          group.count,
          outcomeText(group),
          group.hosts,
          [group.reason, missingText(group)].filter((text) => text !== "").join(" "),
        ]);
        return `${runText(run)}\n${table(["count", "state", "hosts", ""], rows)}`;
      });
      if (isFinalRunState(run.state)) io.setExitCode(exitCodeOf(run));
    },
  });
}

/** One host's share of a run; what it printed is for `runs output`. */
function executionText(execution: z.output<typeof executionDetail>): string {
  const { stdoutBytes, stderrBytes, notices } = execution;
  const fields = list([
    ["host", execution.hostName],
    ["address", execution.address],
    ["engine", execution.engine],
    ["state", outcomeText(execution)],
    ["reason", execution.reason],
    ["started", timeText(execution.startedAt)],
    ["finished", timeText(execution.finishedAt)],
    ["printed", `${count(stdoutBytes, "byte")} of stdout, ${count(stderrBytes, "byte")} of stderr`],
    ["output", missingText(execution) || (execution.output ?? "")],
  ]);
  const rows = notices.map(({ at, message }) => [timeText(at), message]);
  return rows.length === 0 ? fields : `${fields}\n${table(["time", "told by the engine"], rows)}`;
}

function runText(run: RunRow): string {
  const parameters = Object.entries(run.parameters).map(([name, value]) => `${name}=${String(value)}`);
  const facts: readonly (readonly [string, string | number])[] = [
    ["run", run.id],
    ["module", `${run.moduleName.en} · ${run.moduleName.zh} (${moduleText(run)})`],
    ["parameters", parameters.join(" ")],
    ["query", run.query],
    [
      "state",
      `${run.state}${run.needsAttention ? ", needs attention" : ""}${run.reason === "" ? "" : `: ${run.reason}`}`,
    ],
    ["", waitsText(run.waitsFor)],
    ["", approvalText(run)],
    ["hosts", progressText({ run })],
    ["danger", run.danger],
    ["at once", run.width],
    ["wave", run.waveSize ?? ""],
    ["failures allowed", run.maxFailures ?? ""],
    ["as", run.becomeUser],
    ["asked for by", run.requestedBy],
    ["cancelled by", run.cancelRequestedBy ?? ""],
    ["repeats", repeatedText(run.rerunOf)],
    ["made", timeText(run.createdAt)],
    ["started", timeText(run.startedAt)],
    ["finished", timeText(run.finishedAt)],
  ];
  return list(facts.filter(([name, value]) => name !== "" || value !== ""));
}

/** What was typed for once has no version. */
function moduleText({ moduleId, moduleKey, moduleVersion }: RunRow): string {
  return moduleId === 0 ? moduleKey : `${moduleKey}, version ${moduleVersion}`;
}

function repeatedText(rerunOf: RunRow["rerunOf"]): string {
  if (rerunOf === undefined) return "";
  return `run ${rerunOf.runId} (${rerunOf.selection})${rerunOf.gone === true ? ", which is not kept any more" : ""}`;
}
