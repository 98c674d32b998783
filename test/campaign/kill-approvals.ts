import type { PlannedDeath } from "../testkit/kill/deaths.ts";
import { approvalKinds } from "../testkit/kill/life-messages.ts";
import { approvalPoints } from "../testkit/kill/points.ts";
import type { Outcome } from "./campaign.ts";
import { play } from "./kill.ts";

/**
 * The web server is killed just before and just after each durable write of a run that waits for a second person: when it
 * is asked for, approved, rejected, withdrawn and when its time is over. In the end each run waits still, has ended
 * without a host that ran, or was approved and ran once on every host; then the same with a web server that tells and
 * acts on an approval before it is written, which must be caught. Options: `rounds` (5), `hosts` (200).
 */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const rounds = Number(options.rounds ?? 5);
  const hosts = Number(options.hosts ?? 200);
  const deaths = Array.from({ length: rounds }, () => approvalPoints.map(atPoint)).flat();
  const ours = await play("ours", deaths, hosts, approvalKinds);
  const careless = await play("careless", [atPoint("approve.before")], hosts, ["waiting"]);
  const { kills, executions, executedTwice, lost, indefinite, unapproved, untrue, atPoints, missed, kept } = ours;
  const told = {
    kills,
    hosts,
    executions,
    executedTwice,
    lost,
    indefinite,
    unapproved,
    untrue,
    atPoints,
    missed,
    kept,
  };
  const result = { campaign: "kill-approvals", ...told, carelessUnapproved: careless.unapproved };
  const held =
    executedTwice + lost + indefinite + unapproved + untrue + missed.length + kept === 0 && careless.unapproved > 0;
  return { result, held };
}

function atPoint(point: string): PlannedDeath {
  return { how: "point", role: "web", point };
}
