import { createHash, randomBytes } from "node:crypto";
import type { Logger } from "pino";
import { controllerNamePattern, defaultZone } from "../../contract/controller.ts";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { Store } from "../store/store.ts";
import type { Authority, IssuedCertificate } from "./authority.ts";

/** An invitation is good for so long. */
const invitationMilliseconds = 30 * 60_000;

export interface EnrolmentOptions {
  readonly store: Store;
  readonly authority: Authority;
  /** Failed tries, by address: takes one or throws `request.too_many`; gives one back when the try was right. */
  readonly attempts: { take(address: string): void; giveBack(address: string): void };
  readonly log: Logger;
  readonly clock?: () => number;
}

export interface IssuedInvitation {
  /** 256 random bits; shown this once, its hash kept. */
  readonly token: string;
  readonly authoritySha256: string;
  readonly expiresAt: number;
}

/** Who may be a controller: invitations, certificates, and what ends them. The audit record is the caller's to write. */
export interface Enrolment {
  /** Takes the place of an earlier invitation. `request.invalid` for a name that none can have. */
  invite(invited: { controller: string; zone?: string; by: string }): Promise<IssuedInvitation>;
  /**
   * Trades a token for a certificate; earlier certificates of the name end. Written to the audit before it is made.
   * `access.denied` for a token that is wrong, used or expired; `request.too_many` after too many of these.
   */
  enrol(
    token: string,
    signingRequest: Uint8Array,
    address: string,
  ): Promise<IssuedCertificate & { controller: string }>;
  /** Another certificate beside the present one. `access.denied` when that is revoked or ended by now. */
  renew(present: { controller: string; serial: string }, signingRequest: Uint8Array): Promise<IssuedCertificate>;
  /** Whether the certificate is one of ours, for this name, in its time and not revoked. Rejects when that cannot be known. */
  isGood(certificate: { controller: string; serial: string }): Promise<boolean>;
  /** Every certificate and invitation of the name ends. `request.not_found` when there is no such controller. */
  revoke(controller: string): Promise<void>;
}

export function createEnrolment(options: EnrolmentOptions): Enrolment {
  const { store, authority, attempts, log } = options;
  const clock = options.clock ?? Date.now;

  async function isGood({ controller, serial }: { controller: string; serial: string }): Promise<boolean> {
    const [certificate, known] = await Promise.all([
      store.enrolments.certificate(serial),
      store.controllers.get(controller),
    ]);
    if (certificate === undefined || certificate.controller !== controller || certificate.revoked) return false;
    return certificate.expiresAt > clock() && known !== undefined && known.state !== "revoked";
  }

  return {
    async invite({ controller, zone, by }) {
      if (!controllerNamePattern.test(controller)) {
        throw new OmError("request.invalid", reasonText("controller_name_wanted", { name: controller.slice(0, 64) }));
      }
      const known = await store.controllers.get(controller);
      const token = randomBytes(32).toString("base64url");
      const createdAt = clock();
      const expiresAt = createdAt + invitationMilliseconds;
      await store.enrolments.invite({
        tokenSha256: sha256(token),
        controller,
        zone: zone ?? known?.zone ?? defaultZone,
        createdBy: by,
        createdAt,
        expiresAt,
      });
      return { token, authoritySha256: authority.sha256, expiresAt };
    },

    async enrol(token, signingRequest, address) {
      attempts.take(address);
      const invitation = await store.enrolments.redeem(sha256(token), clock());
      if (invitation === undefined) {
        log.warn({ address }, "somebody tried to enrol a controller without a good invitation");
        throw new OmError(
          "access.denied",
          "The invitation is unknown, used or expired. Ask for a new one: omserver controller invite NAME",
        );
      }
      attempts.giveBack(address);
      const { controller, zone, createdBy } = invitation;
      const issued = await authority.issue(controller, signingRequest);
      await store.audit.append({
        at: clock(),
        actor: createdBy,
        source: `enrolment from ${address}`,
        action: "controller.enrol",
        object: `controller ${controller}`,
        hosts: "",
        detail: { zone, serial: issued.serial },
      });
      // An earlier machine of this name is not let in any more; between the two steps neither is.
      await store.enrolments.revoke(controller, clock());
      await store.enrolments.addCertificate({ controller, ...timesOf(issued) });
      await store.controllers.enrol({ name: controller, zone, certificate: timesOf(issued) });
      log.info({ controller, zone, address }, "a controller was enrolled");
      return { ...issued, controller };
    },

    async renew(present, signingRequest) {
      if (!(await isGood(present))) {
        throw new OmError(
          "access.denied",
          `The certificate of “${present.controller}” is no longer good. Enrol it anew.`,
        );
      }
      const issued = await authority.issue(present.controller, signingRequest);
      await store.enrolments.addCertificate({ controller: present.controller, ...timesOf(issued) });
      await store.controllers.setCertificate(present.controller, timesOf(issued));
      log.info(
        { controller: present.controller, serial: issued.serial },
        "the certificate of a controller was renewed",
      );
      return issued;
    },

    isGood,

    async revoke(controller) {
      if ((await store.controllers.get(controller)) === undefined) {
        throw new OmError("request.not_found", `There is no controller “${controller}”.`);
      }
      await store.enrolments.revoke(controller, clock());
      await store.controllers.setState(controller, "revoked");
    },
  };
}

function timesOf({ serial, issuedAt, expiresAt }: IssuedCertificate) {
  return { serial, issuedAt, expiresAt };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
