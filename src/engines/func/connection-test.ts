import type { ConnectionReport, EngineHost } from "../../contract/engine.ts";
import type { Cancellation } from "../job/cancellation.ts";
import { answerOf } from "./answers.ts";
import { CallFailure, type MinionCalls } from "./minion-calls.ts";
import { methodCall } from "./xmlrpc.ts";

const testMilliseconds = 10_000;

/** Asks the minion for a ping, which runs nothing there. Never rejects. */
export async function testMinion(
  calls: MinionCalls,
  host: EngineHost,
  cancellation: Cancellation,
): Promise<ConnectionReport> {
  const begun = performance.now();
  function report(ok: boolean, message: string): ConnectionReport {
    return { ok, message, milliseconds: Math.round(performance.now() - begun) };
  }
  const limits = { connectMilliseconds: testMilliseconds, answerMilliseconds: testMilliseconds, cancellation };
  try {
    const answer = answerOf(await calls.call(host, methodCall("test.ping", []), limits));
    if (answer.kind === "value") return report(true, `The minion ${host.name} answered.`);
    return report(true, `The minion ${host.name} answered, but not to test.ping: ${answer.message}.`);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const clause = error instanceof CallFailure ? text : `the engine failed (${text})`;
    return report(false, `${host.name} cannot be reached by Func: ${clause}${clause.endsWith(".") ? "" : "."}`);
  }
}
