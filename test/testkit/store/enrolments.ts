import { expect, it } from "vitest";
import { uniqueName } from "./builders.ts";
import type { StoreSuite } from "./context.ts";

function invitation(controller: string, tokenSha256 = uniqueName("token")) {
  return { tokenSha256, controller, zone: "bj", createdBy: "wang", createdAt: 1000, expiresAt: 2000 };
}

export const enrolmentsSuite: StoreSuite = (context) => {
  it("give an invitation to one of all who bring its token at once, and to none after", async () => {
    const { store } = context();
    const other = await context().openAgain();
    const controller = uniqueName("bj");
    const invited = invitation(controller);
    await store.enrolments.invite(invited);

    const tries = [store, other, store, other].map(({ enrolments }) => enrolments.redeem(invited.tokenSha256, 1500));
    const outcomes = await Promise.allSettled(tries);

    const got = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? (outcome.value ?? []) : []));
    expect(got).toEqual([{ controller, zone: "bj", createdBy: "wang" }]);
    expect(await store.enrolments.redeem(invited.tokenSha256, 1500)).toBeUndefined();
  });

  it("give nothing for a token that is unknown, expired or taken the place of", async () => {
    const { enrolments } = context().store;
    const controller = uniqueName("bj");
    const [first, second] = [invitation(controller), invitation(controller)];
    await enrolments.invite(first);
    await enrolments.invite(second);

    expect(await enrolments.redeem("0".repeat(64), 1500)).toBeUndefined();
    expect(await enrolments.redeem(first.tokenSha256, 1500)).toBeUndefined();
    expect(await enrolments.redeem(second.tokenSha256, 2000)).toBeUndefined();
    expect(await enrolments.redeem(second.tokenSha256, 1500)).toBeUndefined();
  });

  it("revoke every certificate and the invitation of a controller, and of no other", async () => {
    const { enrolments } = context().store;
    const [revoked, other] = [uniqueName("bj"), uniqueName("sh")];
    const serials = [uniqueName("1"), uniqueName("2"), uniqueName("3")];
    const made = serials.map((serial, i) => ({
      serial,
      controller: i === 2 ? other : revoked,
      issuedAt: 1000,
      expiresAt: 5000,
    }));
    for (const certificate of made) await enrolments.addCertificate(certificate);
    const invited = invitation(revoked);
    await enrolments.invite(invited);

    await enrolments.revoke(revoked, 3000);

    const found = await Promise.all(serials.map((serial) => enrolments.certificate(serial)));
    expect(found).toEqual(made.map((certificate, i) => ({ ...certificate, revoked: i < 2 })));
    expect(await enrolments.redeem(invited.tokenSha256, 1500)).toBeUndefined();
    expect(await enrolments.certificate("none")).toBeUndefined();
  });
};
