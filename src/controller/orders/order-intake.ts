import type { Logger } from "pino";
import type { Order, Plan, SignedOrder } from "../../contract/link/controller_pb.ts";
import type { ModuleManifest, ParameterValues } from "../../contract/module.ts";
import { reasonText } from "../../contract/reasons.ts";
import { secretParameters } from "../../modules/parameters.ts";
import { checkedManifest } from "../../modules/parse.ts";
import type { Journal, JournaledRun } from "../spool/journal.ts";
import type { TrustedKey } from "./trusted-keys.ts";
import { expiry, verifyOrder } from "./verify-order.ts";

/** An order's work in a form that can be carried out. */
export interface Work {
  readonly plan: Plan;
  readonly coordinated: boolean;
  readonly manifest: ModuleManifest;
  readonly parameters: ParameterValues;
  readonly secrets: readonly string[];
}

export interface Answer {
  readonly runUid: string;
  readonly accepted: boolean;
  /** Plain sentence when refused. */
  readonly reason: string;
}

export interface Taken {
  /** Undefined where every answer could be misread. */
  readonly answer?: Answer;
  /** Set once in the life of a run id, and only when the order is on disk. */
  readonly begin?: { readonly run: JournaledRun; readonly work: Work };
}

export interface OrderIntakeOptions {
  readonly journal: Journal;
  /** Those good at this time. */
  readonly trustedKeys: (now: number) => readonly TrustedKey[];
  /** Name of this controller. */
  readonly audience: string;
  readonly log: Logger;
  readonly clock: () => number;
}

/** Refusals of unverified orders that are remembered at most; past them they are not even answered. */
const rememberedRefusals = 100_000;

/**
 * Takes orders. A run id is begun at most once for ever; an order that comes again is answered as the first time. What
 * was once refused stays refused, so that “not started” in the web server's records stays true.
 */
export function createOrderIntake(options: OrderIntakeOptions): (signed: SignedOrder) => Taken {
  const { journal, log } = options;
  let refusals = journal.refusals();

  function refuse(runUid: string, reason: string): Taken {
    if (!journal.refuse(runUid, reason)) {
      log.warn({ runUid, reason }, "a second, refused order for a run that was accepted is left unanswered");
      return {};
    }
    refusals += 1;
    log.warn({ runUid, reason }, "an order was refused");
    return { answer: { runUid, accepted: false, reason } };
  }

  function accept(runUid: string, order: Order, plan: Plan, planSha256: Uint8Array, bytes: Uint8Array): Taken {
    const late = expiry(order, options.clock());
    if (late !== undefined) return refuse(runUid, late);
    const work = workOf(plan, order.coordinated);
    if (typeof work === "string") return refuse(runUid, work);
    const run = journal.accept(runUid, planSha256, bytes);
    if (run === undefined) return {};
    return { answer: { runUid, accepted: true, reason: "" }, begin: { run, work } };
  }

  return (signed) => {
    const verdict = verifyOrder(signed, options.trustedKeys(options.clock()), options.audience);
    if (!verdict.genuine) {
      // The name on the outside is not signed: it may only lead to a refusal, which then holds for the real order too.
      if (/^[0-9a-f-]{36}$/.test(signed.runUid) && refusals < rememberedRefusals)
        return refuse(signed.runUid, verdict.reason);
      log.warn({ reason: verdict.reason }, "an order was refused");
      return {};
    }
    const { order, plan, planSha256 } = verdict.verified;
    const { runUid } = order;
    const seen = journal.seen(runUid);
    switch (seen.kind) {
      case "new":
        return accept(runUid, order, plan, planSha256, signed.order);
      case "refused":
        return { answer: { runUid, accepted: false, reason: seen.reason } };
      case "accepted":
        // Its answer was lost. Not begun again, expired or not: it has run, or runs.
        if (Buffer.compare(seen.planSha256, planSha256) === 0)
          return { answer: { runUid, accepted: true, reason: "" } };
        return refuse(runUid, reasonText("another_order_accepted"));
    }
  };
}

/** A sentence when the plan cannot be carried out whatever its hosts do. */
export function workOf(plan: Plan, coordinated: boolean): Work | string {
  const positions = new Set(plan.hosts.map((host) => host.position));
  if (positions.size !== plan.hosts.length) return reasonText("order_position_twice");
  if (plan.width === 0) return reasonText("order_no_width");
  try {
    const manifest = checkedManifest(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(plan.module)));
    const parameters = parseParameters(plan.parameters);
    const secrets = secretParameters(manifest).flatMap((name) => {
      const value = parameters[name];
      return value === undefined ? [] : [String(value)];
    });
    return { plan, coordinated, manifest, parameters, secrets };
  } catch (error) {
    return reasonText("order_parameters", { detail: error instanceof Error ? error.message : String(error) });
  }
}

function parseParameters(bytes: Uint8Array): ParameterValues {
  if (bytes.byteLength === 0) return {};
  const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(reasonText("order_no_object"));
  return value as ParameterValues;
}
