import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import Database from "better-sqlite3";
import {
  type ExecutionState,
  finalExecutionStates,
  isFinalExecutionState,
  isFinalRunState,
  type RunState,
} from "../../../src/contract/states.ts";
import { openStore } from "../../../src/web/store/open.ts";
import type { ColumnAnswer, Run, RunColumns } from "../../../src/web/store/repositories/runs.ts";
import { type Done, exitCodeOf, maybeUnknown, outputOf, type Place } from "./fleet-messages.ts";
import type { RunKind } from "./life-messages.ts";

/** A run that the product said it had taken. */
export interface TakenRun {
  readonly uid: string;
  readonly kind: RunKind;
  readonly hosts: number;
}

export interface Truth {
  /** Hosts of all runs. */
  readonly executions: number;
  readonly executedTwice: number;
  /** What ran and is not told as it ended, though it can be known; runs that were taken and are gone; ends that changed. */
  readonly lost: number;
  readonly indefinite: number;
  readonly unknown: number;
  /** Hosts that ran something that nobody had approved, though somebody should have. */
  readonly unapproved: number;
  /** Hosts whose state says what did not happen, or that nothing is known though it can be. */
  readonly untrue: number;
}

/** Final states as they are told while the product lives: none may ever change. */
export interface ToldEnds {
  look(): void;
  /** Those that are another in the end. */
  changed(): number;
}

export function watchEnds(databaseFile: string): ToldEnds {
  const told = new Map<string, string>();
  let changed = 0;
  function look(): void {
    const database = new Database(databaseFile, { readonly: true });
    const states = finalExecutionStates.map((state) => `'${state}'`).join(", ");
    const rows = database
      .prepare<[], { name: string; end: string }>(
        `SELECT run_id || ' ' || position AS name, state || ' ' || ifnull(exit_code, '') || ' ' || ifnull(stdout_sha256, '') AS end FROM execution WHERE state IN (${states})`,
      )
      .iterate();
    for (const { name, end } of rows) {
      const before = told.get(name);
      if (before !== undefined && before !== end) changed += 1;
      told.set(name, end);
    }
    database.close();
  }
  return {
    look,
    changed() {
      look();
      return changed;
    },
  };
}

export interface Deeds {
  ran: number;
  end?: "ended" | "stopped";
}

/** Holds the store against the ledger, which the hosts wrote themselves. */
export async function readTruth(databaseFile: string, ledgerFile: string, taken: readonly TakenRun[]): Promise<Truth> {
  const deeds = await readLedger(ledgerFile);
  const kinds = new Map(taken.map((run) => [run.uid, run]));
  const truth = { executions: 0, executedTwice: 0, lost: 0, indefinite: 0, unknown: 0, unapproved: 0, untrue: 0 };
  truth.executedTwice = [...deeds.values()].filter(({ ran }) => ran > 1).length;
  const store = await openStore({ kind: "sqlite", file: databaseFile });
  try {
    const { rows } = await store.runs.list({}, "all", { limit: 1_000_000 });
    for (const run of rows) {
      const columns = await store.runs.columns(run.id, 0);
      const kind = kinds.get(run.uid)?.kind;
      const undecided = kind === undefined ? undefined : notRun[kind];
      if (undecided !== undefined) countNotRun(run, columns, undecided, deeds, truth);
      else count(run, columns, kind, deeds, truth);
      kinds.delete(run.uid);
    }
  } finally {
    await store.close();
  }
  for (const { hosts } of kinds.values()) truth.lost += hosts;
  return truth;
}

/** How a run is in the end that nobody approved, by its kind, and its hosts. */
const notRun: Partial<Record<RunKind, { readonly run: RunState; readonly host: ExecutionState }>> = {
  rejected: { run: "rejected", host: "not_started" },
  withdrawn: { run: "cancelled", host: "not_started" },
  overdue: { run: "expired", host: "not_started" },
  waiting: { run: "awaiting_approval", host: "pending" },
};

function countNotRun(
  run: Run,
  columns: RunColumns,
  expected: { readonly run: RunState; readonly host: ExecutionState },
  deeds: ReadonlyMap<string, Deeds>,
  truth: { -readonly [Field in keyof Truth]: number },
): void {
  columns.hostNames.forEach((_host, position) => {
    const answer = columns.answers[columns.answerOf[position] ?? 0];
    truth.executions += 1;
    if (deeds.has(`${run.uid} ${position}`)) truth.unapproved += 1;
    if (run.state !== expected.run || answer?.state !== expected.host) truth.untrue += 1;
  });
}

function count(
  run: Run,
  columns: RunColumns,
  kind: RunKind | undefined,
  deeds: ReadonlyMap<string, Deeds>,
  truth: { -readonly [Field in keyof Truth]: number },
): void {
  let unknown = 0;
  if (!isFinalRunState(run.state)) truth.indefinite += 1;
  const approved = run.approval === undefined || run.approval.decision === "approved";
  columns.hostNames.forEach((host, position) => {
    const place = { runUid: run.uid, position, host };
    const answer = columns.answers[columns.answerOf[position] ?? 0];
    if (answer === undefined) return;
    truth.executions += 1;
    if (!isFinalExecutionState(answer.state)) truth.indefinite += 1;
    if (answer.state === "unknown") unknown += 1;
    const did = deeds.get(`${run.uid} ${position}`);
    if (did !== undefined && !approved) truth.unapproved += 1;
    if (did === undefined) {
      const mayNotStart = kind === "cancelled" || kind === "refused";
      const isTrue = answer.state === "not_started" ? mayNotStart : isPermittedUnknown(answer, host);
      if (!isTrue && isFinalExecutionState(answer.state)) truth.untrue += 1;
    } else if (!isOwnEnd(place, answer, did) && !isPermittedUnknown(answer, host)) {
      truth.lost += 1;
      if (answer.state === "not_started" || answer.state === "unknown") truth.untrue += 1;
    }
  });
  truth.unknown += unknown;
  if (unknown > 0 && !run.needsAttention) truth.untrue += 1;
}

function isPermittedUnknown({ state }: ColumnAnswer, host: string): boolean {
  return state === "unknown" && maybeUnknown(host);
}

function isOwnEnd(place: Place, answer: ColumnAnswer, { end }: Deeds): boolean {
  if (end === "stopped") return answer.state === "cancelled";
  if (end !== "ended") return false;
  const code = exitCodeOf(place.host);
  const output = outputOf(place).join("");
  return (
    answer.state === (code === 0 ? "ok" : "failed") &&
    answer.exitCode === code &&
    answer.output === "complete" &&
    answer.stdoutSha256 === createHash("sha256").update(output).digest("hex")
  );
}

/** By `run position`. */
export async function readLedger(file: string): Promise<ReadonlyMap<string, Deeds>> {
  const deeds = new Map<string, Deeds>();
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { what, runUid, position } = JSON.parse(line) as Done;
    const name = `${runUid} ${position}`;
    const did = deeds.get(name) ?? { ran: 0 };
    deeds.set(name, did);
    if (what === "ran") did.ran += 1;
    else did.end = what;
  }
  return deeds;
}
