import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
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
  reason: reasonText("salt_closed"),
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
      reason: reasonText("salt_certificate", { url: settings.url, detail: oneLine(message) }),
      mend: reasonText("salt_certificate_mend"),
    };
  }
  const late = code === "ABORT_ERR" || (error as Error).name === "TimeoutError";
  return {
    kind: "unreachable",
    perhapsDone: connected,
    reason: late
      ? reasonText("salt_api_no_answer", { url: settings.url })
      : reasonText("salt_api_no_reach", { url: settings.url, detail: oneLine(message) }),
    mend: reasonText("salt_api_port_mend"),
  };
}

export function signInRefused({ user, eauth, url }: SaltSettings): Refusal {
  return {
    kind: "sign_in",
    perhapsDone: false,
    reason: reasonText("salt_api_refused", { url, user, eauth }),
    mend: reasonText("salt_api_refused_mend"),
  };
}

export function denied(chunk: Readonly<Record<string, unknown>>, { user, eauth }: SaltSettings): Refusal {
  const { client, fun } = chunk;
  const kind = client === "runner" ? "@runner" : client === "wheel" ? "@wheel" : `“${String(fun)}”`;
  return {
    kind: "denied",
    perhapsDone: false,
    reason: reasonText("salt_function_denied", { client: String(client), function: String(fun), user }),
    mend: reasonText("salt_client_mend", { kind, eauth, client: String(client) }),
  };
}

export function wrongStatus({ status, body }: { status: number; body: string }, settings: SaltSettings): Refusal {
  if (status === 503) {
    return {
      kind: "answer",
      perhapsDone: false,
      reason: reasonText("salt_api_no_master", { url: settings.url }),
      mend: reasonText("salt_api_master_mend"),
    };
  }
  const said = oneLine(body.replaceAll(/<(style|head)[\s\S]*?<\/\1>/g, " ").replaceAll(/<[^>]*>/g, " "));
  return {
    kind: "answer",
    perhapsDone: status >= 500,
    reason:
      said === ""
        ? reasonText("salt_status", { url: settings.url, status })
        : reasonText("salt_status_said", { url: settings.url, status, said }),
    mend: reasonText("salt_status_mend"),
  };
}

export function strange(settings: SaltSettings, what: string): Refusal {
  return {
    kind: "answer",
    perhapsDone: true,
    reason: reasonText("salt_no_api", { url: settings.url, detail: what }),
    mend: reasonText("salt_check_url"),
  };
}
