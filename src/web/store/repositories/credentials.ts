import type { CredentialKind } from "../../../contract/credential.ts";

export interface StoredCredential {
  readonly id: number;
  readonly name: string;
  readonly kind: CredentialKind;
  readonly user: string;
  readonly description: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
  /** Its secret is for the controllers of these zones; none named is all zones. */
  readonly zones: readonly string[];
  /** Controllers that took the secret as it was last put. Another one lacks it, or has an older one. */
  readonly heldBy: readonly string[];
}

/** Names and kinds only: the secret goes to the controllers and is not kept here. */
export interface CredentialRepository {
  list(): Promise<readonly StoredCredential[]>;
  /** Replaces what is known of one of this name, who holds it among it. */
  put(credential: {
    name: string;
    kind: CredentialKind;
    user: string;
    description: string;
    updatedBy: string;
    zones: readonly string[];
    heldBy: readonly string[];
  }): Promise<StoredCredential>;
  /** `inventory.in_use` while a host names it. */
  delete(id: number): Promise<void>;
}
