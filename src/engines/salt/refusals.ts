import { OmError } from "../../contract/errors.ts";
import { oneLine } from "./one-line.ts";
import type { SaltSettings } from "./settings.ts";

/** Why salt-api did not do what was asked. */
export interface Refusal {
  readonly kind: "unreachable" | "untrusted" | "sign_in" | "denied" | "answer" | "closed";
  /** Whether salt-api may have acted on the request all the same. */
  readonly perhapsDone: boolean;
  readonly reason: string;
  readonly mend: string;
}

/** What salt-api refused, or undefined for an error of another kind. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof OmError) || error.code !== "engine.unusable") return undefined;
  return error.cause as Refusal | undefined;
}

/** The same fault, of something that came before the request: surely nothing was done. */
export function nothingDone(error: unknown): OmError {
  const reason = error instanceof Error ? error.message : String(error);
  const refusal = refusalOf(error) ?? ({ kind: "unreachable", reason, mend: "" } as const);
  return refuse({ ...refusal, perhapsDone: false });
}

/** The one error of this engine's requests. */
export function refuse(refusal: Refusal): OmError {
  return new OmError("engine.unusable", `${refusal.reason} ${refusal.mend}`.trim(), { cause: refusal });
}

export const closed: Refusal = {
  kind: "closed",
  perhapsDone: false,
  reason: "The Salt engine was closed.",
  mend: "",
};

const certificateFaults = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_SIGNATURE_FAILURE",
]);

export function unreachable(settings: SaltSettings, error: unknown, connected: boolean): Refusal {
  const { code = "", message } = error as { code?: string; message: string };
  if (certificateFaults.has(code)) {
    return {
      kind: "untrusted",
      perhapsDone: false,
      reason: `The certificate of salt-api at ${settings.url} is not trusted (${oneLine(message)}).`,
      mend: "Name the CA that signed it as engines.salt.caFile, and use the name that the certificate is made for.",
    };
  }
  const late = code === "ABORT_ERR" || (error as Error).name === "TimeoutError";
  return {
    kind: "unreachable",
    perhapsDone: connected,
    reason: `salt-api at ${settings.url} ${late ? "did not answer in time" : `cannot be reached (${oneLine(message)})`}.`,
    mend: "See that salt-api runs there and that its port is open for the controller.",
  };
}

export function signInRefused({ user, eauth, url }: SaltSettings): Refusal {
  return {
    kind: "sign_in",
    perhapsDone: false,
    reason: `salt-api at ${url} refused the sign-in of “${user}” by ${eauth}.`,
    mend: "Check engines.salt.user, eauth and the password file, and that external_auth of the master knows the account.",
  };
}

export function denied(chunk: Readonly<Record<string, unknown>>, { user, eauth }: SaltSettings): Refusal {
  const { client, fun } = chunk;
  const kind = client === "runner" ? "@runner" : client === "wheel" ? "@wheel" : `“${String(fun)}”`;
  return {
    kind: "denied",
    perhapsDone: false,
    reason: `Salt does not permit ${String(client)} ${String(fun)} to “${user}”.`,
    mend: `Give it ${kind} in external_auth (${eauth}) and the client ${String(client)} in netapi_enable_clients of the master.`,
  };
}

export function wrongStatus({ status, body }: { status: number; body: string }, settings: SaltSettings): Refusal {
  if (status === 503) {
    return {
      kind: "answer",
      perhapsDone: false,
      reason: `salt-api at ${settings.url} answers, but does not reach its Salt master.`,
      mend: "See that salt-master runs there.",
    };
  }
  const said = oneLine(body.replaceAll(/<(style|head)[\s\S]*?<\/\1>/g, " ").replaceAll(/<[^>]*>/g, " "));
  return {
    kind: "answer",
    perhapsDone: status >= 500,
    reason: `salt-api at ${settings.url} answered with status ${status}${said === "" ? "" : ` (${said})`}.`,
    mend: "See that rest_cherrypy runs there with the clients local_async, runner and wheel in netapi_enable_clients.",
  };
}

export function strange(settings: SaltSettings, what: string): Refusal {
  return {
    kind: "answer",
    perhapsDone: true,
    reason: `What answers at ${settings.url} is no salt-api: ${what}.`,
    mend: "Check engines.salt.url.",
  };
}
