import { hash, verify } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { type Order, OrderSchema, type Plan, type SignedOrder } from "../../contract/link/controller_pb.ts";
import type { TrustedKey } from "./trusted-keys.ts";

export interface VerifiedOrder {
  readonly order: Order;
  readonly plan: Plan;
  /** Of the plan's encoded bytes: two orders with the same are the same work. */
  readonly planSha256: Uint8Array;
}

export type Verdict =
  /** Signed by a trusted key and addressed to this controller; whether it may still begin is another question. */
  { readonly genuine: true; readonly verified: VerifiedOrder } | { readonly genuine: false; readonly reason: string };

/** Checks the signature on the raw bytes, and only then parses them. Never throws. */
export function verifyOrder(signed: SignedOrder, trustedKeys: readonly TrustedKey[], audience: string): Verdict {
  const key = trustedKeys.find((trusted) => trusted.keyId === signed.keyId);
  if (key === undefined) {
    return refused(
      `The order is signed with the key “${signed.keyId.slice(0, 64)}”, which the controller “${audience}” does not trust.`,
    );
  }
  if (signed.signature.byteLength !== 64 || !verify(null, signed.order, key.publicKey, signed.signature)) {
    return refused("The order's signature does not verify: its bytes were changed on the way, or another key made it.");
  }
  let order: Order;
  try {
    order = fromBinary(OrderSchema, signed.order);
  } catch {
    return refused("The order is signed but cannot be read; web server and controller may be of different versions.");
  }
  if (order.audience !== audience) {
    return refused(`The order is for the controller “${order.audience}”, not for “${audience}”.`);
  }
  const { plan } = order;
  if (plan === undefined || order.runUid === "") return refused("The order names no run or no plan.");
  if (!hash("sha256", plan.module, "buffer").equals(plan.moduleSha256)) {
    return refused("The order's module is not the one that its hash names.");
  }
  const planSha256 = hash("sha256", planBytes(signed.order), "buffer");
  return { genuine: true, verified: { order, plan, planSha256 } };
}

/** The plan as it stands in the order's bytes, which need not be encoded again for its hash. */
function planBytes(order: Uint8Array): Uint8Array {
  const reader = new BinaryReader(order);
  const parts: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === OrderSchema.field.plan.number) parts.push(reader.bytes());
    else reader.skip(wireType, field);
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}

function refused(reason: string): Verdict {
  return { genuine: false, reason };
}

/** Why the order may not begin at this time, by the wall clock; undefined when it may. */
export function expiry(order: Order, now: number): string | undefined {
  if (now >= Number(order.expiresAtMs)) return "The order had expired before it reached the controller.";
  if (Number(order.issuedAtMs) - now > clockTolerance) {
    return "The order was issued in the future: set the clocks of web server and controller.";
  }
  return undefined;
}

/** Two machines' clocks may differ by so many milliseconds. */
const clockTolerance = 5 * 60_000;
