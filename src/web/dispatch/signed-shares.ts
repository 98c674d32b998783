import type { NewRun } from "../store/repositories/runs.ts";
import type { AttachParts } from "./attach-parts.ts";
import { createOrders, encodeSigned, type OrderText, signOrder } from "./orders.ts";
import { zoneOfRoom } from "./placement.ts";
import { catchUp } from "./send-orders.ts";

/** The signed orders of a run, one for each controller or waiting room that has hosts of it. */
export interface SignedShares {
  /** As the store keeps them. */
  readonly orders: NewRun["orders"];
  readonly coordinated: boolean;
  /** To be called once they are stored. What cannot leave now is sent on the next link. */
  send(): void;
}

export function signShares(parts: AttachParts, text: OrderText): SignedShares {
  const { signingKey, keeper, register, unsent } = parts;
  const shares = createOrders(text).map(({ controller, order }) => ({
    controller,
    coordinated: order.coordinated,
    signed: signOrder(signingKey, order),
  }));
  return {
    orders: shares.map(({ controller, signed }) => ({ controller, order: keeper.seal(encodeSigned(signed)) })),
    coordinated: shares.some(({ coordinated }) => coordinated),
    send() {
      for (const { controller, signed } of shares) {
        if (zoneOfRoom(controller) !== undefined) {
          // One of the zone may have come back since the places were chosen.
          for (const link of register.links()) void catchUp(parts, link);
          continue;
        }
        const link = register.link(controller);
        if (link === undefined || !unsent.maySend(text.runUid, controller)) continue;
        void link.send({ case: "order", value: signed }).catch(() => {
          // The link closed: what was not sent is sent again on the next one.
        });
      }
    },
  };
}
