import type { Handlers } from "../call.ts";

/** Enrolment of controllers on other machines, and the keys that sign their orders. */
export const linkHandlers = {
  async inviteController({ who, params, body, audit }, { link }) {
    const { name } = params;
    await audit({ action: "controller.invite", object: `controller ${name}`, detail: { zone: body.zone ?? "" } });
    return link.invite(name, body.zone, who.user.name);
  },

  async revokeController({ params, audit }, { link }) {
    await audit({ action: "controller.revoke", object: `controller ${params.name}` });
    await link.revoke(params.name);
  },

  async rotateOrderKeys({ audit }, { link }) {
    await audit({ action: "order_keys.rotate", object: "order-signing keys" });
    return link.rotateOrderKeys();
  },
} satisfies Partial<Handlers>;
