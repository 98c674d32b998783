import { constants } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { reasonText } from "../../contract/reasons.ts";
import type { FuncSettings } from "./settings.ts";

/** What we are to minions, and whom we believe. */
export interface Identity extends SecureContextOptions {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** A sentence each: what is wrong here, and what to do about it. */
export class UnusableIdentity extends Error {
  readonly mend: string;

  constructor(reason: string, mend: string) {
    super(reason);
    this.mend = mend;
  }
}

/** Reads certificate, key and authority as the settings name them. Throws {@link UnusableIdentity}. */
export function loadIdentity(settings: FuncSettings): Identity {
  const identity = {
    cert: read(settings.certificate, "certificate"),
    key: read(settings.key, "key"),
    ca: read(settings.authority, "authority"),
    ...tlsLimits(settings),
  };
  try {
    createSecureContext(identity);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (/too[ _]small|md[ _]too[ _]weak/i.test(text)) {
      throw new UnusableIdentity(
        reasonText("func_authority_weak", { detail: oneLine(text) }),
        reasonText("func_authority_mend"),
      );
    }
    throw new UnusableIdentity(
      reasonText("func_pair_unusable", { certificate: settings.certificate, detail: oneLine(text) }),
      reasonText("func_pair_mend"),
    );
  }
  return identity;
}

function tlsLimits({
  legacyTls,
}: FuncSettings): Pick<SecureContextOptions, "minVersion" | "ciphers" | "secureOptions" | "ecdhCurve"> {
  // No minion knows the hybrid key exchanges of today, and offering one costs a third of the handshake.
  const ecdhCurve = "X25519:prime256v1:secp384r1";
  if (legacyTls === undefined) return { minVersion: "TLSv1.2", ecdhCurve };
  return {
    ecdhCurve,
    minVersion: legacyTls.minimum,
    ciphers: `DEFAULT@SECLEVEL=${legacyTls.securityLevel}`,
    // Minions from before 2010 do not know secure renegotiation (RFC 5746).
    secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
  };
}

/** What stands beside the engine as long as old TLS is allowed. */
export function legacyWarning({ legacyTls }: FuncSettings): string | undefined {
  if (legacyTls === undefined) return undefined;
  const { minimum, securityLevel } = legacyTls;
  return reasonText("func_legacy", { version: minimum, level: securityLevel });
}

function read(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const denied = code === "EACCES" || code === "EPERM";
    throw new UnusableIdentity(
      denied
        ? reasonText("func_may_not_read", { what, path })
        : reasonText("func_unread", { what, path, detail: code }),
      denied ? reasonText("func_read_mend", { path, what }) : reasonText("func_file_mend", { what }),
    );
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\s]+/g, " ").slice(0, 300);
}
