import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Controller } from "../../src/controller/controller.ts";
import type { PlannableHost } from "../../src/web/plan/place-hosts.ts";
import type { PlanInput } from "../../src/web/plan/plan-run.ts";
import type { Run } from "../../src/web/store/repositories/runs.ts";
import { type Behaviour, createScriptedEngine, type ScriptedEngine } from "./scripted-engine.ts";
import {
  type ControllerSideOptions,
  finished,
  joinSides,
  mockHost,
  newSigningKeys,
  openControllerSide,
  openWebSide,
  type SigningKeys,
  startRun,
  type WebSide,
  type WebSideOptions,
} from "./spine.ts";

/** A controller of a fleet with several; `engine` is the same in all its lives. */
export interface Member {
  readonly name: string;
  readonly engine: ScriptedEngine;
  /** Undefined while it is down. */
  controller: Controller | undefined;
  link: { cut(): Promise<void> } | undefined;
}

/** A web server and some controllers in zones of their own, in one process; each part can go and come by itself. */
export interface Fleet {
  readonly folder: string;
  readonly signingKey: SigningKeys;
  web: WebSide;
  readonly members: ReadonlyMap<string, Member>;
  /** Hosts of which the n-th is in the n-th of these zones, over and over. */
  start(zones: readonly string[], change?: Partial<PlanInput>): Promise<Run>;
  finished(run: Run): Promise<Run>;
  connect(name: string): Promise<void>;
  cut(name: string): Promise<void>;
  /** Cut off and closed, as by a stop that waits for nothing. */
  stop(name: string): Promise<void>;
  restartWeb(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface FleetOptions {
  /** Zone of each controller. */
  readonly controllers: Readonly<Record<string, string>>;
  readonly behave: (controller: string) => Behaviour;
  readonly web?: Partial<WebSideOptions>;
  readonly controller?: Partial<ControllerSideOptions>;
}

export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), "omserver-fleet-"));
  const signingKey = newSigningKeys();
  const webOptions = { folder, signingKey, controllers: options.controllers, ...options.web };
  const members = new Map(
    Object.keys(options.controllers).map((name): [string, Member] => [
      name,
      { name, engine: createScriptedEngine(options.behave(name)), controller: undefined, link: undefined },
    ]),
  );

  function member(name: string): Member {
    const found = members.get(name);
    if (found === undefined) throw new Error(`the fleet has no controller ${name}`);
    return found;
  }

  const fleet: Fleet = {
    folder,
    signingKey,
    web: await openWebSide(webOptions),
    members,
    start: (zones, change) =>
      startRun(fleet.web, zones.length, { hosts: zones.map((zone, at) => zonedHost(at, zone)), ...change }),
    finished: (run) => finished(fleet.web, run),
    async connect(name) {
      const one = member(name);
      one.controller ??= await openControllerSide({
        folder,
        signingKey,
        engines: [one.engine],
        name,
        limits: { closeMilliseconds: 0, statusMilliseconds: 100 },
        ...options.controller,
      });
      one.link ??= joinSides(fleet.web, one.controller);
    },
    async cut(name) {
      const one = member(name);
      await one.link?.cut();
      one.link = undefined;
    },
    async stop(name) {
      await fleet.cut(name);
      const one = member(name);
      await one.controller?.close();
      one.controller = undefined;
    },
    async restartWeb() {
      const connected = [...members.values()].filter(({ link }) => link !== undefined).map(({ name }) => name);
      for (const name of connected) await fleet.cut(name);
      await fleet.web.close();
      fleet.web = await openWebSide(webOptions);
      for (const name of connected) await fleet.connect(name);
    },
    async [Symbol.asyncDispose]() {
      for (const name of members.keys()) await fleet.stop(name);
      await fleet.web.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return fleet;
}

export function zonedHost(index: number, zone: string): PlannableHost {
  return mockHost(index, { zone });
}
