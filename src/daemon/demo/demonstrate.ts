import type { Client } from "../../contract/http/client.ts";
import { isFinalRunState } from "../../contract/states.ts";
import type { Fleet } from "./fleet.ts";
import { hostsCsv } from "./hosts-csv.ts";

export interface Demonstration {
  readonly client: Client;
  readonly fleet: Fleet;
  /** For people who wait: stderr. */
  say(text: string): void;
  progress(what: string, done: number, of: number): void;
}

/** Built-in modules that read only and that every Linux machine answers. */
const shownModules = ["os-version", "kernel-modules"];
const shownLines = 6;

/**
 * What a new user would do, through the public API: put the credential, import the fleet, run two modules over all of
 * it. Prints each module's folded answers to stdout. True when every host ended ok in both runs.
 */
export async function demonstrate(demonstration: Demonstration): Promise<boolean> {
  const { client, fleet, say } = demonstration;
  await client.call("PUT /credentials", {
    body: {
      name: "demo",
      description: "Key of the demo fleet",
      secret: { kind: "key", user: fleet.user, privateKey: fleet.privateKeyPem },
    },
  });
  say("Importing the fleet …");
  const report = await client.call("POST /hosts/import", {
    body: { format: "csv", text: hostsCsv(fleet.hosts, { user: fleet.user, credential: "demo" }), preview: false },
  });
  for (const refused of report.refused) say(`Refused: line ${refused.line}: ${refused.reason}`);
  console.log(`Imported ${report.added.length} hosts.`);
  let everyHostAnswered = report.applied && report.added.length === fleet.hosts.length;
  for (const module of shownModules) {
    const run = await runOverAll(demonstration, module);
    everyHostAnswered &&= run.counts.ok === fleet.hosts.length;
  }
  return everyHostAnswered;
}

async function runOverAll(demonstration: Demonstration, module: string) {
  const { client, progress } = demonstration;
  const preview = await client.call("POST /runs/preview", { body: { module, query: "all" } });
  let run = await client.call("POST /runs", {
    body: { module, query: "all", planSha256: preview.planSha256, confirmHostCount: preview.hostCount },
  });
  while (!isFinalRunState(run.state)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    run = await client.call("GET /runs/:id", { params: { id: run.id } });
    const open = (run.counts.pending ?? 0) + (run.counts.dispatching ?? 0) + (run.counts.running ?? 0);
    progress(run.moduleName.en, run.hostCount - open, run.hostCount);
  }
  const seconds = ((run.finishedAt ?? 0) - run.createdAt) / 1000;
  console.log(
    `\nRun ${run.id}: ${run.moduleName.en} · ${run.moduleName.zh} — ${run.state}, ${run.counts.ok} of ${run.hostCount} hosts ok in ${seconds.toFixed(1)} s`,
  );
  const { groups } = await client.call("GET /runs/:id/groups", { params: { id: run.id } });
  for (const group of groups) {
    console.log(
      `  ${group.count} × ${group.state}${group.exitCode === undefined ? "" : ` (exit ${group.exitCode})`}: ${group.hosts}`,
    );
    if (group.reason !== "") console.log(`    ${group.reason}`);
    if (group.stdoutSha256 !== undefined) await printOutput(client, run.id, group.stdoutSha256);
  }
  return run;
}

async function printOutput(client: Client, id: number, sha256: string): Promise<void> {
  const answer = await client.call("GET /runs/:id/outputs/:sha256", { params: { id, sha256 } });
  const lines = printable(await answer.text())
    .trimEnd()
    .split("\n");
  for (const line of lines.slice(0, shownLines)) console.log(`    | ${line}`);
  if (lines.length > shownLines) console.log(`    | … ${lines.length - shownLines} more lines`);
}

/** Hosts' output may hold anything; a terminal gets text and line ends only. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, "�");
}
