import { StringDecoder } from "node:string_decoder";
import type { Execution } from "../store/repositories/executions.ts";
import type { Run, RunRepository } from "../store/repositories/runs.ts";
import type { Bytes } from "./call.ts";
import { csvCell, csvPiece, printable } from "./export-text.ts";

type Format = "text" | "jsonl" | "csv";
type Reader = Pick<RunRepository, "executions" | "output">;

const rowsAtOnce = 500;
const bytesAtOnce = 262_144;
const types: Readonly<Record<Format, string>> = {
  text: "text/plain; charset=utf-8",
  jsonl: "application/jsonl; charset=utf-8",
  csv: "text/csv; charset=utf-8",
};

/**
 * A whole run in pieces of bounded size, whatever the hosts printed. Text and CSV are safe to look at in a terminal or a
 * spreadsheet: control characters are written out, and no cell begins a formula. JSON lines keep every character;
 * bytes that are no UTF-8 stand as U+FFFD and `…Lossy` says so (the output route has the exact bytes).
 */
export function exportedRun(runs: Reader, run: Run, format: Format, signal: AbortSignal): Bytes {
  const writers = { text: textOf, jsonl: jsonLinesOf, csv: csvOf };
  const extension = format === "text" ? "txt" : format;
  return {
    content: writers[format]({ runs, run, signal }),
    fileName: `run-${run.id}.${extension}`,
    type: types[format],
  };
}

interface Source {
  readonly runs: Reader;
  readonly run: Run;
  readonly signal: AbortSignal;
}

async function* textOf(source: Source): AsyncGenerator<string> {
  const { run } = source;
  // What was typed for this once has no version.
  const module = run.moduleId === 0 ? run.moduleKey : `${run.moduleKey} version ${run.moduleVersion}`;
  yield `run ${run.id}: ${module}, ${run.state}\n`;
  yield `query: ${printable(run.query)}\n`;
  yield `requested by ${printable(run.requestedBy)}, ${time(run.createdAt)} – ${time(run.finishedAt)}\n`;
  for await (const execution of executionsOf(source)) {
    yield `\n==== ${printable(execution.hostName)} (${printable(execution.address)}): ${outcome(execution)} ====\n`;
    for (const stream of ["stdout", "stderr"] as const) {
      let last = "\n";
      for await (const { text } of pieces(source, execution, stream)) {
        if (last === "\n" && stream === "stderr") yield "---- stderr ----\n";
        last = text;
        yield printable(text);
      }
      if (!last.endsWith("\n")) yield "\n";
    }
    if (execution.output === "truncated") yield "---- output was cut at the limit ----\n";
    if (execution.output === "partial") yield "---- a part of the output is missing ----\n";
  }
}

async function* jsonLinesOf(source: Source): AsyncGenerator<string> {
  for await (const execution of executionsOf(source)) {
    const { position, hostId, hostName, address, engine, state, exitCode, signal, reason } = execution;
    const { startedAt, finishedAt, stdoutBytes, stderrBytes, output } = execution;
    const facts = {
      run: source.run.id,
      position,
      hostId,
      host: hostName,
      address,
      engine,
      state,
      exitCode,
      signal,
      reason,
    };
    yield JSON.stringify({ ...facts, startedAt, finishedAt, stdoutBytes, stderrBytes, output }).slice(0, -1);
    for (const stream of ["stdout", "stderr"] as const) {
      let lossy = false;
      yield `,"${stream}":"`;
      for await (const piece of pieces(source, execution, stream)) {
        lossy ||= piece.lossy;
        yield JSON.stringify(piece.text).slice(1, -1);
      }
      yield `","${stream}Lossy":${lossy}`;
    }
    yield "}\n";
  }
}

async function* csvOf(source: Source): AsyncGenerator<string> {
  yield "position,host,address,engine,state,exit_code,signal,reason,started,finished,output,stdout,stderr\r\n";
  for await (const execution of executionsOf(source)) {
    const { position, hostName, address, engine, state, exitCode, signal, reason } = execution;
    const cells = [position, hostName, address, engine, state, exitCode ?? "", signal, reason];
    const rest = [time(execution.startedAt), time(execution.finishedAt), execution.output ?? ""];
    yield [...cells, ...rest].map((cell) => csvCell(String(cell))).join(",");
    for (const stream of ["stdout", "stderr"] as const) {
      let first = true;
      yield ',"';
      for await (const { text } of pieces(source, execution, stream)) {
        yield csvPiece(text, first);
        first = false;
      }
      yield '"';
    }
    yield "\r\n";
  }
}

async function* executionsOf({ runs, run, signal }: Source): AsyncGenerator<Execution> {
  let after = -1;
  while (!signal.aborted) {
    const rows = await runs.executions(run.id, { after, limit: rowsAtOnce });
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < rowsAtOnce) return;
    after = last.position;
  }
}

/** The kept stream as text; a character that was cut in two stays whole. */
async function* pieces(
  { runs, run, signal }: Source,
  execution: Execution,
  stream: "stdout" | "stderr",
): AsyncGenerator<{ readonly text: string; readonly lossy: boolean }> {
  if ((stream === "stdout" ? execution.stdoutBytes : execution.stderrBytes) === 0) return;
  const decoder = new StringDecoder("utf8");
  for (let offset = 0; !signal.aborted; ) {
    const data = await runs.output(run.id, execution.position, stream, { offset, limit: bytesAtOnce });
    if (data === undefined || data.byteLength === 0) break;
    offset += data.byteLength;
    const text = decoder.write(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    if (text !== "") yield { text, lossy: text.includes("\ufffd") };
  }
  const rest = decoder.end();
  if (rest !== "") yield { text: rest, lossy: true };
}

function outcome({ state, exitCode, signal, reason }: Execution): string {
  const how = exitCode !== undefined ? ` (exit code ${exitCode})` : signal === "" ? "" : ` (signal ${signal})`;
  return `${state}${how}${reason === "" ? "" : `: ${printable(reason)}`}`;
}

function time(at: number | undefined): string {
  return at === undefined ? "" : new Date(at).toISOString();
}
