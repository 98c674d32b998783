import { createHash, randomBytes } from "node:crypto";

/** A new 256-bit secret of the system's CSPRNG, as 43 URL-safe characters. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** What the store keeps of a token: with 256 random bits a plain SHA-256 cannot be guessed back. */
export function tokenHash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
