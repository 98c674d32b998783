import { type KeyObject, sign } from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type AnnouncedKeys,
  type Order,
  OrderSchema,
  type Plan,
  PlanSchema,
  type SignedOrder,
  SignedOrderSchema,
} from "../../contract/link/controller_pb.ts";

export interface SigningKey {
  readonly keyId: string;
  /** Ed25519. */
  readonly privateKey: KeyObject;
  /** Keys that signed before it: what was kept under them is still opened. */
  readonly earlier?: readonly KeyObject[];
  /** How each key vouched for the next; controllers hear it before any order. */
  readonly announced?: AnnouncedKeys;
}

/** The signing key that is current whenever it is asked. */
export function signingKeyOf(keys: {
  current(): { readonly keyId: string; readonly privateKey: KeyObject };
  all(): readonly { readonly privateKey: KeyObject }[];
  announced(): AnnouncedKeys;
}): SigningKey {
  return {
    get keyId() {
      return keys.current().keyId;
    },
    get privateKey() {
      return keys.current().privateKey;
    },
    get earlier() {
      return keys
        .all()
        .slice(1)
        .map(({ privateKey }) => privateKey);
    },
    get announced() {
      return keys.announced();
    },
  };
}

/** An order is good for so long after it was signed; a waiting one is signed anew, see the dispatcher. Milliseconds. */
export const orderLifetime = 60 * 60_000;

export interface OrderText {
  readonly runUid: string;
  readonly actor: string;
  /** Who approved the run besides. */
  readonly approvers?: readonly string[];
  readonly plan: Plan;
  /** Controller of each of the plan's hosts, by position. */
  readonly controllerOf: ReadonlyMap<number, string>;
  readonly now: number;
}

/**
 * One order for each controller that has hosts in the plan. The width holds for each of them; where there are several,
 * waves and failure limit hold over all of them, and the orders say so.
 */
export function createOrders(text: OrderText): { readonly controller: string; readonly order: Order }[] {
  const shares = Map.groupBy(text.plan.hosts, (host) => text.controllerOf.get(host.position) ?? "");
  const inWaves = text.plan.hosts.some(({ wave }) => wave > 0);
  const coordinated = shares.size > 1 && (inWaves || text.plan.maxFailures > 0);
  return [...shares].map(([controller, hosts]) => ({
    controller,
    order: create(OrderSchema, {
      runUid: text.runUid,
      audience: controller,
      actor: text.actor,
      approvers: [...(text.approvers ?? [])],
      issuedAtMs: BigInt(text.now),
      expiresAtMs: BigInt(text.now + orderLifetime),
      plan: shares.size === 1 ? text.plan : create(PlanSchema, { ...text.plan, hosts }),
      coordinated,
    }),
  }));
}

/** Ed25519 over the order's raw bytes. */
export function signOrder(key: SigningKey, order: Order): SignedOrder {
  const bytes = toBinary(OrderSchema, order);
  return create(SignedOrderSchema, {
    keyId: key.keyId,
    order: bytes,
    signature: sign(null, bytes, key.privateKey),
    runUid: order.runUid,
  });
}

export function encodeSigned(signed: SignedOrder): Uint8Array {
  return toBinary(SignedOrderSchema, signed);
}

/**
 * A kept order as it is sent again. When it has (almost) expired or the key was changed, and `mayRenew`, the same plan
 * is signed anew; without it goes as it is, and the controller refuses it unless it had accepted it before.
 */
export function orderToSend(bytes: Uint8Array, key: SigningKey, now: number, mayRenew: boolean): SignedOrder {
  const signed = fromBinary(SignedOrderSchema, bytes);
  if (!mayRenew) return signed;
  const order = fromBinary(OrderSchema, signed.order);
  if (signed.keyId === key.keyId && Number(order.expiresAtMs) - now > renewBefore) return signed;
  order.issuedAtMs = BigInt(now);
  order.expiresAtMs = BigInt(now + orderLifetime);
  return signOrder(key, order);
}

/** A kept order that was for nobody yet, for the controller that takes it over. */
export function orderFor(bytes: Uint8Array, key: SigningKey, controller: string, now: number): SignedOrder {
  const order = fromBinary(OrderSchema, fromBinary(SignedOrderSchema, bytes).order);
  order.audience = controller;
  order.issuedAtMs = BigInt(now);
  order.expiresAtMs = BigInt(now + orderLifetime);
  return signOrder(key, order);
}

const renewBefore = 60_000;
