import type { z } from "zod";
import type { outputGroup } from "../../contract/http/schemas/runs.ts";
import type { ClientContext } from "../client-command.ts";
import { safeLine, safeText } from "../terminal/safe-text.ts";
import { count } from "../terminal/table.ts";
import { outputByHash } from "./outputs.ts";
import { missingText, outcomeText, progressText, type RunRow } from "./run-view.ts";

type Group = z.output<typeof outputGroup>;
type OwnReasons = ReadonlyMap<string, string>;

/**
 * Prints what the hosts of a run answered, identical answers once: as text with control characters escaped, or with
 * `--json` as `{run, groups}` whose groups carry `stdout` and `stderr` as text.
 */
export async function printResults(context: ClientContext, run: RunRow): Promise<void> {
  const { client, io, json, say } = context;
  const { groups } = await client.call("GET /runs/:id/groups", { params: { id: run.id } });
  if (json) {
    const whole = [];
    for (const group of groups) {
      whole.push({
        ...group,
        stdout: await wholeOutput(context, run.id, group.stdoutSha256),
        stderr: await wholeOutput(context, run.id, group.stderrSha256),
      });
    }
    await io.out(`${JSON.stringify({ run, groups: whole }, undefined, 2)}\n`);
    return;
  }
  const reasons = await ownReasons(context, run.id, groups);
  for (const group of groups) await printGroup(context, run.id, group, reasons);
  say(`Run ${run.id} ${run.state}: ${progressText({ run })}${run.reason === "" ? "" : `. ${safeLine(run.reason)}`}`);
}

async function printGroup(context: ClientContext, runId: number, group: Group, reasons: OwnReasons): Promise<void> {
  const { io } = context;
  const colours = io.outIsTerminal && !io.environment.NO_COLOR;
  const title = `${safeLine(group.hosts)} (${count(group.count, "host")}): ${outcomeText(group)}`;
  await io.out(`${colours ? `\u001b[1m${title}\u001b[0m` : title}\n`);
  if (group.reason !== "") await io.out(`${safeLine(reasons.get(group.hosts) ?? group.reason)}\n`);
  await printStream(context, runId, group.stdoutSha256, colours);
  if (group.stderrBytes > 0) {
    await io.out("stderr:\n");
    await printStream(context, runId, group.stderrSha256, colours);
  }
  const missing = missingText(group);
  if (missing !== "") await io.out(`[${missing}]\n`);
  await io.out("\n");
}

/**
 * Reasons as they were told, by host, of those that share theirs with nobody: a group's reason has `‹host›` and
 * `‹address›` for what tells its hosts apart.
 */
async function ownReasons({ client }: ClientContext, id: number, groups: readonly Group[]): Promise<OwnReasons> {
  const alone = new Set(
    groups.flatMap(({ count: hosts, hosts: name, reason }) => (hosts === 1 && reason.includes("‹") ? [name] : [])),
  );
  const reasons = new Map<string, string>();
  for (let after: number | undefined; reasons.size < alone.size; ) {
    const page = await client.call("GET /runs/:id/executions", {
      params: { id },
      query: { limit: 10_000, ...(after === undefined ? {} : { after }) },
    });
    for (const { hostName, reason } of page.rows) if (alone.has(hostName)) reasons.set(hostName, reason);
    if (page.next === undefined) break;
    after = page.next;
  }
  return reasons;
}

async function printStream(
  { client, io }: ClientContext,
  runId: number,
  sha256: string | undefined,
  colours: boolean,
): Promise<void> {
  if (sha256 === undefined) return;
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of outputByHash(client, runId, sha256)) {
    // Whole lines at a time, so that no escape sequence is cut in two.
    const text = rest + decoder.decode(piece, { stream: true });
    const end = text.lastIndexOf("\n") + 1;
    if (end > 0) await io.out(safeText(text.slice(0, end), { colours }));
    rest = text.slice(end);
  }
  rest += decoder.decode();
  if (rest !== "") await io.out(`${safeText(rest, { colours })}\n`);
}

async function wholeOutput({ client }: ClientContext, runId: number, sha256: string | undefined): Promise<string> {
  if (sha256 === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of outputByHash(client, runId, sha256)) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}
