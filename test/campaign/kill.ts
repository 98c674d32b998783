import { setTimeout as sleep } from "node:timers/promises";
import { type PlannedDeath, planDeaths } from "../testkit/kill/deaths.ts";
import type { Death, Mortal } from "../testkit/kill/life.ts";
import type { RunKind } from "../testkit/kill/life-messages.ts";
import { type Load, startLoad } from "../testkit/kill/load.ts";
import { type KillRig, openKillRig, type Variant } from "../testkit/kill/rig.ts";
import { readTruth, type Truth, watchEnds } from "../testkit/kill/truth.ts";
import type { Outcome } from "./campaign.ts";

// SIGKILL says nothing of power cuts: what was written without fsync survives it too.

interface Played extends Truth {
  readonly kills: number;
  readonly duringRecovery: number;
  readonly atPoints: number;
  /** Named points that no life came to. */
  readonly missed: readonly string[];
  /** Executions that their hosts still keep though everything is over. */
  readonly kept: number;
}

/**
 * Web server and controllers, processes of their own, are killed over and over while runs go on: at random times, while
 * they recover, and at each named point before and after a durable write. What the stub hosts themselves say is held
 * against what the product says; then the same with a controller that is naive, which must be caught.
 * Options: `kills` (200), `hosts` (1,000).
 */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const kills = Number(options.kills ?? 200);
  const hosts = Number(options.hosts ?? 1000);
  const ours = await play("ours", planDeaths(kills), hosts);
  const naive = await play("naive", naiveDeaths, hosts);
  const { executions, executedTwice, lost, indefinite, unknown, untrue, unapproved } = ours;
  const { duringRecovery, atPoints, missed, kept } = ours;
  const naiveExecutedTwice = naive.executedTwice;
  const result = {
    campaign: "kill",
    kills: ours.kills,
    hosts,
    executedTwice,
    lost,
    indefinite,
    unknown,
    naiveExecutedTwice,
    executions,
    untrue,
    unapproved,
    duringRecovery,
    atPoints,
    missed,
    kept,
  };
  const held =
    executedTwice + lost + indefinite + untrue + unapproved + missed.length + kept === 0 &&
    duringRecovery >= kills / 5 &&
    naiveExecutedTwice > 0;
  return { result, held };
}

const naiveDeaths = Array.from(
  { length: 3 },
  (): PlannedDeath => ({ how: "point", role: "controller", point: "sync.after" }),
);

/** Everybody dies as planned while runs of those kinds go on; then what the product says is held against the ledger. */
export async function play(
  variant: Variant,
  deaths: readonly PlannedDeath[],
  hosts: number,
  kinds?: readonly RunKind[],
): Promise<Played> {
  const rig = await openKillRig(variant);
  try {
    const load = startLoad(rig, hosts, kinds);
    const ends = watchEnds(rig.databaseFile);
    const counts = { kills: 0, duringRecovery: 0, atPoints: 0 };
    const missed: string[] = [];
    let last: Mortal = rig.web;
    let told = 0;
    for (const death of deaths) {
      // Where recoveries took several tries, there are kills enough.
      if (death.how === "random" && counts.kills >= deaths.length) continue;
      const { mortal, died, atPoint } = await bringAbout(death, rig, load, last);
      if (death.how === "point" && !atPoint) missed.push(death.point);
      counts.kills += died.length;
      counts.duringRecovery += died.filter(({ duringRecovery }) => duringRecovery).length;
      if (atPoint) counts.atPoints += 1;
      last = mortal;
      told += 1;
      if (told % 10 > 0) continue;
      ends.look();
      console.error(`${variant}: ${JSON.stringify(counts)}, ${load.taken.length} runs`);
    }
    await load.end();
    await Promise.all([rig.web, ...rig.controllers].map((mortal) => mortal.recovered()));
    const changed = ends.changed();
    const kept = await keptInTheEnd(rig);
    await rig.stop();
    const truth = await readTruth(rig.databaseFile, rig.ledgerFile, load.taken);
    return { ...truth, lost: truth.lost + changed, ...counts, missed, kept };
  } finally {
    await rig.close();
  }
}

interface BroughtAbout {
  readonly mortal: Mortal;
  /** More than one where it took more to bring this one about. */
  readonly died: readonly Death[];
  readonly atPoint: boolean;
}

/** One of the processes dies as planned; its next life has begun. */
async function bringAbout(death: PlannedDeath, rig: KillRig, load: Load, last: Mortal): Promise<BroughtAbout> {
  switch (death.how) {
    case "random": {
      const mortal = anyOf([rig.web, ...rig.controllers]);
      await mortal.recovered();
      await sleep(Math.random() * 800);
      return await kill(mortal);
    }
    case "in recovery":
      return await killRecovering(last);
    case "point": {
      const mortal = death.role === "web" ? rig.web : anyOf(rig.controllers);
      if (death.point.startsWith("recover.")) return await dieRecovering(mortal, death.point);
      return await dieAt(mortal, death.point, rig, load);
    }
  }
}

const longestLife = 60_000;

/** What is waited for comes by itself, or by a person's deed that leads there. */
async function dieAt(mortal: Mortal, point: string, rig: KillRig, load: Load): Promise<BroughtAbout> {
  await mortal.recovered();
  const write = point.split(".")[0] ?? "";
  const zones = rig.controllers.map(({ name }) => name);
  const drain = (draining: boolean) =>
    Promise.all(zones.map((controller) => rig.web.ask({ wish: "drain", controller, draining })));
  if (write === "adoptShare") {
    await drain(true);
    await load.start("plain");
  }
  await mortal.ask({ wish: "arm", point, count: often.has(write) ? 3 + Math.floor(Math.random() * 4) : 1 });
  const deeds: Promise<unknown>[] = [];
  if (write === "adoptShare") deeds.push(drain(false));
  else deeds.push(load.start(kindsOfWrites[write] ?? "plain"));
  const died = await mortal.died(longestLife);
  const brought = died === undefined ? await kill(mortal) : { mortal, died: [died], atPoint: true };
  if (died !== undefined) mortal.start();
  await Promise.all(deeds);
  return brought;
}

/** Runs of which kind lead to writes that others do not lead to. */
const kindsOfWrites: Readonly<Record<string, RunKind>> = {
  requestCancel: "cancelled",
  cancel: "cancelled",
  orderRefused: "refused",
  refuse: "refused",
  release: "waves",
  ask: "waiting",
  approve: "approved",
  reject: "rejected",
  withdraw: "withdrawn",
  expire: "overdue",
};

/** Writes that there are many of. */
const often = new Set(["apply", "write", "sync"]);

async function dieRecovering(mortal: Mortal, point: string): Promise<BroughtAbout> {
  await mortal.recovered();
  const first = await mortal.kill();
  mortal.start({ point, count: 1 });
  const died = await mortal.died(longestLife);
  const second = died ?? (await mortal.kill());
  mortal.start();
  return { mortal, died: [first, second], atPoint: died !== undefined };
}

const mostTries = 10;

/** A recovery may be over sooner than thought; then it is tried with the next one. */
async function killRecovering(mortal: Mortal): Promise<BroughtAbout> {
  const died: Death[] = [];
  while (died.length < mostTries && died.at(-1)?.duringRecovery !== true) {
    await mortal.begun();
    await sleep((Math.random() * mortal.recoveryTime()) / 2 ** died.length);
    died.push(await mortal.kill());
    mortal.start();
  }
  return { mortal, died, atPoint: false };
}

async function kill(mortal: Mortal): Promise<BroughtAbout> {
  const died = await mortal.kill();
  mortal.start();
  return { mortal, died: [died], atPoint: false };
}

/** Hosts hear that an end is settled after it is durable, so they are given a moment. */
async function keptInTheEnd(rig: KillRig): Promise<number> {
  let kept = await rig.kept();
  for (let tries = 0; kept > 0 && tries < 300; tries += 1) {
    await sleep(100);
    kept = await rig.kept();
  }
  return kept;
}

function anyOf<Item>(items: readonly [Item, ...Item[]] | readonly Item[]): Item {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error("there is none");
  return item;
}
