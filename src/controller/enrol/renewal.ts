import { X509Certificate } from "node:crypto";
import type { Logger } from "pino";
import { certificateFor } from "./identity.ts";
import { createSigningRequest } from "./signing-request.ts";

export interface RenewalOptions {
  /** PEM of the present certificate. */
  readonly certificate: () => string;
  /** Asks for a certificate (DER) over an open link; rejects when there is none. */
  readonly renew: (signingRequest: Uint8Array) => Promise<Uint8Array>;
  /** Keeps and uses the new pair (PEM). */
  readonly use: (renewed: { key: string; certificate: string }) => void;
  readonly log: Logger;
  readonly clock?: () => number;
  /** Between two looks at the certificate, in milliseconds. Default one minute. */
  readonly lookMilliseconds?: number;
}

export interface Renewal {
  /** Looks now; resolves when that is done. Never rejects: what fails is tried again at the next look. */
  look(): Promise<void>;
  stop(): void;
}

/** Renews the certificate, with a new key, once two thirds of its life are over. */
export function startRenewal(options: RenewalOptions): Renewal {
  const clock = options.clock ?? Date.now;
  let looking: Promise<void> | undefined;

  async function lookNow(): Promise<void> {
    const { validFromDate, validToDate } = new X509Certificate(options.certificate());
    const [from, to] = [validFromDate.getTime(), validToDate.getTime()];
    if (clock() < from + ((to - from) * 2) / 3) return;
    try {
      const { key, request } = await createSigningRequest();
      options.use({ key, certificate: certificateFor(key, await options.renew(request)) });
      options.log.info("the certificate of this controller was renewed");
    } catch (error) {
      const ended = clock() >= to;
      const text = "the certificate of this controller could not be renewed yet";
      if (ended) options.log.error({ error }, `${text}, and has ended: enrol this controller again`);
      else options.log.warn({ error, until: validToDate.toISOString() }, text);
    }
  }

  function look(): Promise<void> {
    looking ??= lookNow().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  const timer = setInterval(() => void look(), options.lookMilliseconds ?? 60_000);
  timer.unref();
  return { look, stop: () => clearInterval(timer) };
}
