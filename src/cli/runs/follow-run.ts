import { isFinalRunState } from "../../contract/states.ts";
import type { ClientContext } from "../client-command.ts";
import { exitCodes } from "../exit-codes.ts";
import { redrawn } from "../terminal/redrawn.ts";
import { liveFrames } from "./live-stream.ts";
import { firstLineOf } from "./outputs.ts";
import { progressText, type RunRow, type RunView, type ViewGroup, viewLines, withFrame } from "./run-view.ts";

/**
 * Shows a run until it is final: on a terminal as groups that are redrawn in place, elsewhere as a line whenever the
 * counts have changed. The first Ctrl-C asks to cancel and goes on watching, the second leaves it.
 * Resolves with the final run, or undefined when the person left.
 */
export async function followRun(context: ClientContext, runId: number): Promise<RunRow | undefined> {
  const { client, io } = context;
  const leave = new AbortController();
  let asked = false;
  const display = io.errIsTerminal && !context.json ? terminalDisplay(context) : lineDisplay(context);
  const stopListening = io.onInterrupt(() => {
    if (asked) return leave.abort();
    asked = true;
    display.note(`Cancelling run ${runId} … (Ctrl-C again leaves it to itself)`);
    client.call("POST /runs/:id/cancel", { params: { id: runId } }).catch((error: unknown) => {
      display.note(`It could not be cancelled: ${error instanceof Error ? error.message : String(error)}`);
    });
  });
  try {
    let view: RunView | undefined;
    for await (const frame of liveFrames(client, runId, leave.signal)) {
      view = withFrame(view, frame);
      display.show(view);
      if (isFinalRunState(frame.run.state)) break;
    }
    if (leave.signal.aborted) return undefined;
    return view !== undefined && isFinalRunState(view.run.state)
      ? view.run
      : await client.call("GET /runs/:id", { params: { id: runId } });
  } finally {
    display.end();
    stopListening();
  }
}

interface Display {
  show(view: RunView): void;
  /** Something that stays on the screen. */
  note(text: string): void;
  end(): void;
}

const redrawMilliseconds = 200;

function terminalDisplay({ client, io }: ClientContext): Display {
  const drawing = redrawn((text) => io.err(text));
  const firstLines = new Map<string, string>();
  let latest: RunView | undefined;
  let timer: NodeJS.Timeout | undefined;
  function draw(): void {
    timer = undefined;
    if (latest === undefined) return;
    const runId = latest.run.id;
    drawing.draw(
      viewLines(latest, { columns: io.columns(), rows: io.rows() }, (group) => knownFirstLine(runId, group)),
    );
  }
  function redraw(): void {
    timer ??= setTimeout(draw, redrawMilliseconds);
  }
  function knownFirstLine(runId: number, group: ViewGroup): string | undefined {
    const sha256 = group.stdoutSha256;
    if (sha256 === undefined || firstLines.size > 200) return undefined;
    const known = firstLines.get(sha256);
    if (known !== undefined) return known || undefined;
    firstLines.set(sha256, "");
    firstLineOf(client, runId, sha256).then(
      (line) => {
        firstLines.set(sha256, line);
        if (line !== "" && latest !== undefined) redraw();
      },
      // The answer itself comes with the results; a first line that cannot be had is left out.
      () => undefined,
    );
    return undefined;
  }
  return {
    show(view) {
      latest = view;
      redraw();
    },
    note(text) {
      drawing.clear();
      // The terminal has written ^C where the cursor was.
      io.err(`\r\u001b[K${text}\n`);
      redraw();
    },
    end() {
      clearTimeout(timer);
      latest = undefined;
      drawing.clear();
    },
  };
}

/** At most a line every two seconds, and the last one. */
function lineDisplay({ say, json }: ClientContext): Display {
  let told = "";
  let toldAt = Number.NEGATIVE_INFINITY;
  let latest = "";
  function tell(): void {
    if (latest === told || json) return;
    told = latest;
    toldAt = performance.now();
    say(latest);
  }
  return {
    show(view) {
      latest = `Run ${view.run.id}: ${progressText(view)}`;
      if (performance.now() - toldAt >= 2000) tell();
    },
    note: say,
    end: tell,
  };
}

/** How a run that ended so ends the command. */
export function exitCodeOf(run: RunRow): number {
  if (run.needsAttention || (run.counts.unknown ?? 0) > 0) return exitCodes.unknown;
  if (run.state === "succeeded") return exitCodes.done;
  if (run.state === "rejected" || run.state === "expired") return exitCodes.notApproved;
  return run.state === "cancelled" ? exitCodes.cancelled : exitCodes.notWell;
}
