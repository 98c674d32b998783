import { newSecret } from "./secret-token.ts";

/** Told apart from people's tokens at a glance, by people and by {@link isReportToken}. */
const prefix = "omhost_";

/** A new token for a host to report with. */
export function newReportToken(): string {
  return `${prefix}${newSecret()}`;
}

export function isReportToken(secret: string): boolean {
  return secret.startsWith(prefix);
}
