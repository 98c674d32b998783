import type { EndedEvent, EngineHost } from "../../contract/engine.ts";
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
  if (answer.checked === true) return { state: "skipped", reason: "A dry run does not run commands." };
  if (answer.timedOut === true) {
    const why = longerThan(told);
    if ((answer.left ?? []).length === 0)
      return { state: "timed_out", reason: `${why}; all its processes were ended.` };
    return { state: "unknown", reason: `${why}; its processes ${answer.left?.join(", ")} could not be ended.` };
  }
  if (answer.exit === 0) return { state: "ok", exitCode: 0 };
  if (typeof answer.exit === "number") {
    return { state: "failed", exitCode: answer.exit, reason: `It ended with exit code ${answer.exit}.` };
  }
  if (typeof answer.signal === "string") {
    return { state: "failed", signal: answer.signal, reason: `It was ended by signal ${answer.signal}.` };
  }
  return { state: "unknown", reason: "The host did not say how the program ended." };
}

function withoutAnswer(result: ResultEvent, told: Told): Meaning {
  if (result.status === "unreachable") return unreachable(result, told);
  if (result.timedOut === true) return { state: "stop", why: "timed_out" };
  const printed = shortText(result.module_stdout);
  if (printed.includes("omserver begins")) {
    return { state: "unknown", reason: `The engine lost track of the task: ${sentenceOf(result)}` };
  }
  return { state: "not_started", reason: `It could not be started: ${sentenceOf(result)}` };
}

/** A module's result. */
export function moduleEnding(result: ResultEvent, told: Told): Meaning {
  if (result.status === "unreachable") return unreachable(result, told);
  if (result.timedOut === true) return { state: "stop", why: "timed_out" };
  if (result.status === "skipped")
    return { state: "skipped", reason: result.message || "The module skipped this host." };
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
  if (counts === undefined)
    return { state: "skipped", reason: "No play, or none within the limit, is meant for this host." };
  if (counts.unreachable > 0) {
    if (trouble !== undefined) return unreachable(trouble, told);
    return { state: "unknown", reason: `The connection to ${told.host.name} broke.` };
  }
  if (counts.failures === 0) return { state: "ok", exitCode: 0 };
  const step = trouble === undefined ? "A step failed." : `“${trouble.name}” failed: ${sentenceOf(trouble)}`;
  // What ansible-playbook itself ends with when a host failed.
  return { state: "failed", exitCode: 2, reason: step };
}

function unreachable(result: ResultEvent, { host, signedIn, refusedKey }: Told): Ending {
  if (signedIn) {
    return {
      state: "unknown",
      reason: `The connection to ${host.name} broke while the task may have been running: ${sentenceOf(result)}`,
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
    return `${name} showed another host key than the one that is known. If it was rebuilt, forget its key; else somebody is in between.`;
  }
  if (refusedKey?.verdict === "unknown") {
    return `The host key of ${name} is not known. Add it to known_hosts, or let new keys be trusted on first use.`;
  }
  if (/Permission denied \(/.test(message)) return `${name} refused the sign-in. Check user and credential.`;
  if (/Connection refused/.test(message)) {
    return `${name} refused the connection. Check that sshd runs there and listens on this port.`;
  }
  if (/timed out/i.test(message)) {
    return `${name} did not answer. Check the address, the host and firewalls on the way.`;
  }
  if (/Could not resolve hostname/.test(message)) return `${name} has no such name in DNS. Check the address.`;
  if (/No route to host|Network is unreachable/.test(message)) {
    return `${name} cannot be reached: no route, or the host is down. Check the address and the network.`;
  }
  return `${name} cannot be reached: ${oneLine(message.replace(/^.*?via ssh: /s, ""))}`;
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
  if (doubt === undefined) return { state, reason: `${why}; all its processes on ${name} were ended.` };
  if (!signedIn) return { state: "not_started", reason: `${why} before ${name} was reached.` };
  return { state: "unknown", reason: `${why}; its end on ${name} could not be confirmed: ${doubt}` };
}

export function longerThan({ runMilliseconds }: { readonly runMilliseconds: number }): string {
  return `It ran longer than ${runMilliseconds / 1000} s`;
}

/** What went wrong, in one line: the module's own words before Ansible's general ones. */
export function sentenceOf(result: ResultEvent): string {
  const said = oneLine(shortText(result.module_stderr)) || oneLine(shortText(result.stderr));
  const general = /^MODULE FAILURE|non-zero return code|^Module result deserialization failed/.test(result.message);
  const words = general && said !== "" ? said : oneLine(result.message) || said;
  return words === "" ? "it failed and did not say why." : words;
}

export function oneLine(text: string): string {
  return text
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\s]+/g, " ")
    .trim()
    .slice(0, 400);
}
