import type { ControllerStatus, WaitsFor } from "./dispatcher.ts";
import { zoneOfRoom } from "./placement.ts";

/** A run's part at a controller or in a zone's waiting room. */
interface Share {
  readonly controller: string;
  /** No controller has taken its order. */
  readonly unanswered: boolean;
}

/** For whom a share waits; nobody when its controller is at work on it. */
export function waitsOf(share: Share, controllers: readonly ControllerStatus[]): readonly WaitsFor[] {
  const zone = zoneOfRoom(share.controller);
  if (zone !== undefined) return waitsOfZone(zone, controllers);
  const found = controllers.find(({ name }) => name === share.controller);
  if (found === undefined) return [];
  const reason = reasonOf(found, share.unanswered);
  return reason === undefined ? [] : [waitsFor(found, reason)];
}

/** For whom hosts of a zone wait that has no live controller. */
export function waitsOfZone(zone: string, controllers: readonly ControllerStatus[]): readonly WaitsFor[] {
  const serving = controllers.filter((controller) => controller.zone === zone && controller.state !== "revoked");
  if (serving.length === 0) return [{ zone, reason: "none" }];
  return serving.flatMap((controller) => {
    const reason = reasonOf(controller, true);
    return reason === undefined ? [] : [waitsFor(controller, reason)];
  });
}

function reasonOf({ state, connected }: ControllerStatus, unanswered: boolean): WaitsFor["reason"] | undefined {
  if (state === "revoked") return "revoked";
  if (!connected) return "away";
  return state === "draining" && unanswered ? "draining" : undefined;
}

function waitsFor({ name, zone, lastSeenAt }: ControllerStatus, reason: WaitsFor["reason"]): WaitsFor {
  return { zone, controller: name, reason, ...(lastSeenAt === undefined ? {} : { since: lastSeenAt }) };
}
