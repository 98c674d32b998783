import { hash, verify } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { type Order, OrderSchema, type Plan, type SignedOrder } from "../../contract/link/controller_pb.ts";
import { reasonText } from "../../contract/reasons.ts";
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
    return refused(reasonText("order_untrusted", { key: signed.keyId.slice(0, 64), controller: audience }));
  }
  if (signed.signature.byteLength !== 64 || !verify(null, signed.order, key.publicKey, signed.signature)) {
    return refused(reasonText("order_forged"));
  }
  let order: Order;
  try {
    order = fromBinary(OrderSchema, signed.order);
  } catch {
    return refused(reasonText("order_other_version"));
  }
  if (order.audience !== audience) {
    return refused(reasonText("order_elsewhere", { other: order.audience, controller: audience }));
  }
  const { plan } = order;
  if (plan === undefined || order.runUid === "") return refused(reasonText("order_no_run"));
  if (!hash("sha256", plan.module, "buffer").equals(plan.moduleSha256)) {
    return refused(reasonText("order_other_module"));
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
  if (now >= Number(order.expiresAtMs)) return reasonText("order_expired");
  if (Number(order.issuedAtMs) - now > clockTolerance) {
    return reasonText("order_future");
  }
  return undefined;
}

/** Two machines' clocks may differ by so many milliseconds. */
const clockTolerance = 5 * 60_000;
