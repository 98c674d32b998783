import { reasonText } from "../../contract/reasons.ts";
import { MarkReader, StartReader } from "../../modules/posix-marks.ts";
import {
  type Captured,
  type CommandResult,
  decodePiece,
  readCaptured,
  readCommandResult,
  refusalIn,
} from "./captured.ts";
import { type Ending, exitEnding, notStarted, unknown } from "./ending.ts";
import type { Attempt, ExecutionParts } from "./execution-parts.ts";
import { CallFailure } from "./minion-calls.ts";
import { pieceText } from "./minion-program.ts";

const pieceBytes = 1024 * 1024;

/** Passes on what the task printed, fetching what waits on the host, and tells how it ended. */
export async function finishTask(parts: ExecutionParts, attempt: Attempt, result: CommandResult): Promise<Ending> {
  const { host, output } = parts;
  const { nonce, program } = attempt;
  const refused = refusalIn(result, nonce);
  if (refused !== undefined) return notStarted(reasonText("func_not_beginnable", { host: host.name, detail: refused }));
  const stdout = readCaptured(result.stdout, nonce);
  const stderr = readCaptured(result.stderr, nonce);
  if (stdout === undefined || stderr === undefined) {
    const said = result.stderr.toString("utf8").replaceAll(/\s+/g, " ").slice(0, 300);
    return unknown(reasonText("func_output_bad", { host: host.name, code: result.code, text: said }));
  }
  if (stdout.encoding === "r") {
    parts.notice(reasonText("func_no_base64"));
  }
  if (stdout.waiting > 0 || stderr.waiting > 0) attempt.uploaded = true;
  const start = new StartReader(nonce);
  const marks = new MarkReader(nonce);
  const whole = await passOn(parts, nonce, "o", stdout, (bytes) => {
    const own = start.push(bytes);
    if (own !== undefined) output.take("stdout", own);
  });
  const wholeErrors = await passOn(parts, nonce, "e", stderr, (bytes) => {
    const own = program.marksStderr ? marks.push(bytes).own : bytes;
    if (own !== undefined) output.take("stderr", own);
  });
  output.dropped("stdout", stdout.dropped);
  output.dropped("stderr", stderr.dropped);
  if (!start.found) {
    const talk = marks.talk === "" ? stderr.bytes.toString("utf8").slice(0, 300).trim() : marks.talk;
    return notStarted(
      `The shell on ${host.name} ended before the task began${talk === "" ? "" : `. It said: ${talk.replaceAll(/\s+/g, " ")}`}.`,
    );
  }
  return { ...exitEnding(result.code), lost: !whole || !wholeErrors || stdout.cut || stderr.cut };
}

/** The bytes that came and those that wait, a piece at a time and never faster than they are taken. */
async function passOn(
  parts: ExecutionParts,
  nonce: string,
  stream: "o" | "e",
  captured: Captured,
  take: (bytes: Buffer) => void,
): Promise<boolean> {
  const { session, hostFolder, output } = parts;
  take(captured.bytes);
  await output.room();
  const places = { hostFolder, nonce };
  for (let number = 0; number * pieceBytes < captured.waiting; number++) {
    try {
      const text = pieceText(places, stream, number, pieceBytes, captured.encoding);
      const answer = await session.call("command.run", [text], { repeatable: true });
      const result = answer.kind === "value" ? readCommandResult(answer.value) : undefined;
      const piece = result === undefined ? Buffer.alloc(0) : decodePiece(result.stdout, captured.encoding);
      if (piece.length !== Math.min(pieceBytes, captured.waiting - number * pieceBytes)) return false;
      take(piece);
    } catch (error) {
      if (error instanceof CallFailure) return false;
      throw error;
    }
    await output.room();
  }
  return true;
}
