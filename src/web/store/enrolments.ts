import { checkText } from "./check-text.ts";
import type { Database } from "./database.ts";
import type { EnrolmentRepository } from "./repositories/enrolments.ts";

export function createEnrolments(database: Database): EnrolmentRepository {
  const { reader, writer } = database;
  return {
    async invite({ tokenSha256, controller, zone, createdAt, createdBy, expiresAt }) {
      checkText(createdBy, "Name", 255);
      const row = {
        token_sha256: tokenSha256,
        controller,
        zone,
        created_at: createdAt,
        created_by: createdBy,
        expires_at: expiresAt,
      };
      await database.transaction(async (transaction) => {
        await transaction.deleteFrom("controller_invitation").where("controller", "=", controller).execute();
        await transaction.deleteFrom("controller_invitation").where("expires_at", "<=", createdAt).execute();
        await transaction.insertInto("controller_invitation").values(row).execute();
      });
    },

    async redeem(tokenSha256, now) {
      return await database.transaction(async (transaction) => {
        const row = await transaction
          .selectFrom("controller_invitation")
          .selectAll()
          .where("token_sha256", "=", tokenSha256)
          .executeTakeFirst();
        if (row === undefined) return undefined;
        const deleted = await transaction
          .deleteFrom("controller_invitation")
          .where("token_sha256", "=", tokenSha256)
          .executeTakeFirst();
        if (deleted.numDeletedRows !== 1n || row.expires_at <= now) return undefined;
        return { controller: row.controller, zone: row.zone, createdBy: row.created_by };
      });
    },

    async addCertificate({ serial, controller, issuedAt, expiresAt }) {
      await writer
        .insertInto("controller_certificate")
        .values({ serial, controller, issued_at: issuedAt, expires_at: expiresAt, revoked_at: null })
        .execute();
    },

    async certificate(serial) {
      const row = await reader
        .selectFrom("controller_certificate")
        .selectAll()
        .where("serial", "=", serial)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      return {
        serial: row.serial,
        controller: row.controller,
        issuedAt: row.issued_at,
        expiresAt: row.expires_at,
        revoked: row.revoked_at !== null,
      };
    },

    async revoke(controller, now) {
      await database.transaction(async (transaction) => {
        await transaction.deleteFrom("controller_invitation").where("controller", "=", controller).execute();
        await transaction
          .updateTable("controller_certificate")
          .set({ revoked_at: now })
          .where("controller", "=", controller)
          .where("revoked_at", "is", null)
          .execute();
      });
    },
  };
}
