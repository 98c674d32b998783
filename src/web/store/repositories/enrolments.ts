export interface Invitation {
  /** Name and zone that the controller gets. */
  readonly controller: string;
  readonly zone: string;
  /** Who invited. */
  readonly createdBy: string;
}

export interface ControllerCertificate {
  /** Lower-case hexadecimal; unique for ever. */
  readonly serial: string;
  readonly controller: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface EnrolmentRepository {
  /** Takes the place of an earlier invitation of the same controller. */
  invite(invitation: Invitation & { tokenSha256: string; createdAt: number; expiresAt: number }): Promise<void>;
  /** Once: of several at a time one gets it. Undefined for one that is unknown, used or expired. */
  redeem(tokenSha256: string, now: number): Promise<Invitation | undefined>;
  addCertificate(certificate: ControllerCertificate): Promise<void>;
  certificate(serial: string): Promise<(ControllerCertificate & { readonly revoked: boolean }) | undefined>;
  /** All certificates and the invitation of this controller, for good. */
  revoke(controller: string, now: number): Promise<void>;
}
