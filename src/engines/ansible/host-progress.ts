import type { EndedEvent, EngineHost } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { ResultEvent } from "./events.ts";
import { shortText } from "./output.ts";

/** How a host's share ended, but for its output. */
export type Ending = Pick<EndedEvent, "state" | "exitCode" | "signal" | "reason">;

/** What a result of a host means. `stop`: something of it may run on; its end is to be brought about and confirmed. */
export type Meaning = Ending | { readonly state: "stop"; readonly why: "timed_out" };

/** A host key, of the host or of a jump host before it, that the controller did not take. */
export interface RefusedKey {
  readonly hop: { readonly address: string; readonly port: number };
  readonly verdict: "unknown" | "changed";
}

export interface Told {
  readonly host: EngineHost;
  /** `ssh` had signed in: something may have run. */
  readonly signedIn: boolean;
  readonly refusedKey: RefusedKey | undefined;
  readonly runMilliseconds: number;
}

/** A program's result (command, script, file): our own task plugin answered, or Ansible says why it could not. */
export function programEnding(result: ResultEvent, told: Told): Meaning {
  const answer = result.omserver;
  if (answer === undefined) return withoutAnswer(result, told);
  if (answer.checked === true) return { state: "skipped", reason: reasonText("ansible_no_commands_dry") };
  if (answer.timedOut === true) {
    const why = longerThan(told);
    if ((answer.left ?? []).length === 0) return { state: "timed_out", reason: reasonText("why_ended", { why }) };
    return { state: "unknown", reason: reasonText("ansible_left", { why, pids: answer.left?.join(", ") ?? "" }) };
  }
  if (answer.exit === 0) return { state: "ok", exitCode: 0 };
  if (typeof answer.exit === "number") {
    return { state: "failed", exitCode: answer.exit, reason: reasonText("exit_code", { code: answer.exit }) };
  }
  if (typeof answer.signal === "string") {
    return { state: "failed", signal: answer.signal, reason: reasonText("exit_signal", { signal: answer.signal }) };
  }
  return { state: "unknown", reason: reasonText("ansible_no_end") };
}

function withoutAnswer(result: ResultEvent, told: Told): Meaning {
  if (result.status === "unreachable") return unreachable(result, told);
  if (result.timedOut === true) return { state: "stop", why: "timed_out" };
  const printed = shortText(result.module_stdout);
  if (printed.includes("omserver begins")) {
    return { state: "unknown", reason: reasonText("engine_lost_track", { detail: sentenceOf(result) }) };
  }
  return { state: "not_started", reason: reasonText("ansible_not_startable", { detail: sentenceOf(result) }) };
}

/** A module's result. */
export function moduleEnding(result: ResultEvent, told: Told): Meaning {
  if (result.status === "unreachable") return unreachable(result, told);
  if (result.timedOut === true) return { state: "stop", why: "timed_out" };
  if (result.status === "skipped") return { state: "skipped", reason: result.message || reasonText("ansible_skipped") };
  if (result.status !== "failed") return { state: "ok", exitCode: 0 };
  const code = typeof result.rc === "number" && Number.isInteger(result.rc) && result.rc > 0 ? result.rc : 1;
  return { state: "failed", exitCode: code, reason: sentenceOf(result) };
}

/** Where a host stands after the last play. `counts`: nothing when no play was meant for it. */
export function playsEnding(
  counts: { readonly failures: number; readonly unreachable: number } | undefined,
  trouble: ResultEvent | undefined,
  told: Told,
): Ending {
  if (counts === undefined) return { state: "skipped", reason: reasonText("ansible_no_play") };
  if (counts.unreachable > 0) {
    if (trouble !== undefined) return unreachable(trouble, told);
    return { state: "unknown", reason: reasonText("ansible_connection_broke", { host: told.host.name }) };
  }
  if (counts.failures === 0) return { state: "ok", exitCode: 0 };
  const step =
    trouble === undefined ? reasonText("ansible_step_failed") : `“${trouble.name}” failed: ${sentenceOf(trouble)}`;
  // What ansible-playbook itself ends with when a host failed.
  return { state: "failed", exitCode: 2, reason: step };
}

function unreachable(result: ResultEvent, { host, signedIn, refusedKey }: Told): Ending {
  if (signedIn) {
    return {
      state: "unknown",
      reason: reasonText("ansible_broke_running", { host: host.name, detail: sentenceOf(result) }),
    };
  }
  return { state: "unreachable", reason: connectReason(result.message, host, refusedKey) };
}

export function connectReason(message: string, host: EngineHost, refusedKey: RefusedKey | undefined): string {
  const name = `${host.name} (${placeOf(host)})`;
  if (refusedKey !== undefined && (refusedKey.hop.address !== host.address || refusedKey.hop.port !== host.port)) {
    const what = refusedKey.verdict === "changed" ? "is another than the one that is known" : "is not known";
    return `${name} was not tried: the host key of the jump host ${placeOf(refusedKey.hop)} ${what}.`;
  }
  if (refusedKey?.verdict === "changed" || /HOST IDENTIFICATION HAS CHANGED/.test(message)) {
    return reasonText("ansible_key_other", { host: name });
  }
  if (refusedKey?.verdict === "unknown") {
    return reasonText("ansible_key_unknown", { host: name });
  }
  if (/Permission denied \(/.test(message)) return reasonText("sign_in_refused", { host: name });
  if (/Connection refused/.test(message)) {
    return reasonText("connection_refused", { host: name });
  }
  if (/timed out/i.test(message)) {
    return reasonText("ansible_no_answer", { host: name });
  }
  if (/Could not resolve hostname/.test(message)) return reasonText("no_such_name", { host: name });
  if (/No route to host|Network is unreachable/.test(message)) {
    return reasonText("no_route", { host: name });
  }
  return reasonText("ansible_unreachable", { host: name, detail: oneLine(message.replace(/^.*?via ssh: /s, "")) });
}

function placeOf({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Why what runs on a host was to end, and what it then is when that is confirmed. */
export interface Asked {
  readonly state: "timed_out" | "cancelled" | "unknown";
  readonly why: string;
}

/** `doubt`: why it is not certain that nothing is left; then only a host that nothing was sent to has a definite end. */
export function confirmedEnding(
  { state, why }: Asked,
  name: string,
  doubt: string | undefined,
  signedIn: boolean,
): Ending {
  if (doubt === undefined) return { state, reason: reasonText("why_ended_on", { why, host: name }) };
  if (!signedIn) return { state: "not_started", reason: reasonText("why_before_reached", { why, host: name }) };
  return { state: "unknown", reason: reasonText("why_unconfirmed_on", { why, host: name, detail: doubt }) };
}

export function longerThan({ runMilliseconds }: { readonly runMilliseconds: number }): string {
  return `It ran longer than ${runMilliseconds / 1000} s`;
}

/** What went wrong, in one line: the module's own words before Ansible's general ones. */
export function sentenceOf(result: ResultEvent): string {
  const said = oneLine(shortText(result.module_stderr)) || oneLine(shortText(result.stderr));
  const general = /^MODULE FAILURE|non-zero return code|^Module result deserialization failed/.test(result.message);
  const words = general && said !== "" ? said : oneLine(result.message) || said;
  return words === "" ? reasonText("ansible_no_reason") : words;
}

export function oneLine(text: string): string {
  return text
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\s]+/g, " ")
    .trim()
    .slice(0, 400);
}
