import { OmError } from "../../contract/errors.ts";
import type { SignedOrder } from "../../contract/link/controller_pb.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { AttachParts } from "./attach-parts.ts";
import type { ControllerLink } from "./controller-link.ts";
import { encodeSigned, orderFor, orderToSend } from "./orders.ts";
import { waitingRoom } from "./placement.ts";

/** The host key policy may have been changed while the controller was away. */
export async function sendPolicy({ store }: AttachParts, link: ControllerLink): Promise<void> {
  const policy = await store.settings.get("setting.hostKeyPolicy");
  if (policy !== "strict" && policy !== "accept_new") return;
  const request = { case: "setHostKeyPolicy", value: { policy } } as const;
  await link.send({ case: "request", value: { id: 0, actor: "", request } });
}

/** How each order-signing key vouched for the next: a controller follows from whichever it knows. */
export async function announceKeys({ signingKey }: AttachParts, link: ControllerLink): Promise<void> {
  const { announced } = signingKey;
  if (announced === undefined || announced.keys.length === 0) return;
  await link.send({ case: "announcedKeys", value: announced });
}

/**
 * Gives the controller what waits for any of its zone, and says how far its runs may go: on a new link, and again with
 * each of its reports, so that nothing that was missed is missed for long. Never rejects.
 */
export async function catchUp(parts: AttachParts, link: ControllerLink): Promise<void> {
  try {
    await adoptWaiting(parts, link);
    await parts.releases.tell(link);
  } catch (error) {
    parts.log.warn({ error, controller: link.controller }, "a controller could not be told what waits for it");
  }
}

/**
 * The orders that are kept for this controller, but not while it drains; cancels first: an order that comes after its
 * cancel starts nothing.
 */
export async function sendAgain(parts: AttachParts, link: ControllerLink, alive: ReadonlySet<string>): Promise<void> {
  const { store, keeper, signingKey, clock, unsent } = parts;
  const cancelling = await store.runs.cancelling(link.controller);
  for (const { runUid, by } of cancelling) await link.send({ case: "cancel", value: { runUid, actor: by } });
  const cancelled = new Set(cancelling.map(({ runUid }) => runUid));
  const draining = (await store.controllers.get(link.controller))?.state !== "enabled";
  for (const { runUid, order } of await store.runs.pendingOrders(link.controller)) {
    if (alive.has(runUid)) {
      // It was accepted, and the answer was lost.
      await store.runs.orderAccepted(runUid, link.controller);
      continue;
    }
    if (draining || !unsent.maySend(runUid, link.controller)) continue;
    let signed: SignedOrder;
    try {
      signed = orderToSend(keeper.open(order), signingKey, clock(), !cancelled.has(runUid));
    } catch (error) {
      await endUnreadable(parts, runUid, link.controller, error);
      continue;
    }
    await link.send({ case: "order", value: signed });
  }
}

/**
 * Gives a controller the orders that wait for any of its zone, signed for it. Such an order had left for nobody, so none
 * can have been begun. Of two controllers that come back at once, one gets each order; nothing while it drains.
 */
async function adoptWaiting(parts: AttachParts, link: ControllerLink): Promise<void> {
  const { store, keeper, signingKey, clock, live, log } = parts;
  const controller = await store.controllers.get(link.controller);
  if (controller?.state !== "enabled") return;
  const room = waitingRoom(controller.zone);
  for (const { runUid, order } of await store.runs.pendingOrders(room)) {
    let signed: SignedOrder;
    try {
      signed = orderFor(keeper.open(order), signingKey, controller.name, clock());
    } catch (error) {
      await endUnreadable(parts, runUid, room, error);
      continue;
    }
    const run = await store.runs.adoptShare(runUid, room, controller.name, keeper.seal(encodeSigned(signed)));
    if (run === undefined) continue;
    log.info({ controller: controller.name, run: runUid }, "a waiting order has found its controller");
    live.changed(run.id);
    await link.send({ case: "order", value: signed });
  }
}

async function endUnreadable(parts: AttachParts, runUid: string, controller: string, error: unknown): Promise<void> {
  const reason = error instanceof OmError ? error.message : reasonText("order_unreadable");
  const run = await parts.store.runs.orderRefused(runUid, controller, reason, parts.clock());
  parts.live.changed(run.id);
  parts.releases.changed(run);
}
