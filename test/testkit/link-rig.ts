import { isFinalExecutionState } from "../../src/contract/states.ts";
import type { Run } from "../../src/web/store/repositories/runs.ts";
import { dial, newAuthority, openLinkServer } from "./grpc-link.ts";
import { answers, createScriptedEngine } from "./scripted-engine.ts";
import { finished, newSigningKeys, openControllerSide, openWebSide, startRun, type WebSide } from "./spine.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** Web server and controller with real stores, joined by the real link through a proxy, with clocks that can be set. */
export interface LinkRig {
  readonly web: WebSide;
  readonly proxy: TcpProxy;
  /** Milliseconds by which each side's wall clock is wrong. */
  readonly clocks: { controller: number; web: number };
  start(hosts: number): Promise<Run>;
  finished(run: Run): Promise<Run>;
  /** Its order is not good: none of its hosts may begin. */
  mustNotBegin(run: Run): void;
  /** What the hosts themselves say: `run position`, once for each time that it ran. */
  readonly ledger: readonly string[];
  readonly forbidden: ReadonlySet<string>;
  close(): Promise<void>;
}

export interface Tally {
  readonly hosts: number;
  readonly executedTwice: number;
  /** Hosts that ran and whose answer is not in the store, whole. */
  readonly lost: number;
  /** Hosts without a final state. */
  readonly indefinite: number;
  /** Hosts that began by an order that was expired or from the future. */
  readonly expiredAccepted: number;
}

export interface LinkRigOptions {
  readonly folder: string;
  /** Where the controller keeps its journal; in `folder` where left out. */
  readonly controllerFolder?: string;
  /** Half-open links are known after about a second. */
  readonly impatient?: boolean;
}

export async function openLinkRig(options: LinkRigOptions): Promise<LinkRig> {
  const { folder } = options;
  const clocks = { controller: 0, web: 0 };
  const signingKey = newSigningKeys();
  const ledger: string[] = [];
  const forbidden = new Set<string>();
  const engine = createScriptedEngine(async function* (host, job): ReturnType<typeof answers> {
    ledger.push(`${job.runUid} ${host.position}`);
    await new Promise((resolve) => setTimeout(resolve, 20 + (host.position % 7) * 10));
    return yield* answers(host);
  });
  const alive = options.impatient === true ? { pingMilliseconds: 300, answerMilliseconds: 1000 } : undefined;
  const quick = alive === undefined ? {} : { keepAlive: alive };
  const web = await openWebSide({ folder, signingKey, clock: () => Date.now() + clocks.web });
  const controller = await openControllerSide({
    folder: options.controllerFolder ?? folder,
    engines: [engine],
    signingKey,
    clock: () => Date.now() + clocks.controller,
  });
  const made = await newAuthority();
  const { identity } = await made.controller("main");
  const server = await openLinkServer(made.web, { attach: (end, name) => web.dispatcher.attach(end, name), ...quick });
  const proxy = await startTcpProxy({ port: server.port });
  const dialler = dial(proxy.port, identity, { attach: (end, name) => controller.attach(end, name), ...quick });
  return {
    web,
    proxy,
    clocks,
    ledger,
    forbidden,
    start: (hosts) => startRun(web, hosts, { width: 10 }),
    finished: (run) => finished(web, run, 150_000),
    mustNotBegin: (run) => void forbidden.add(run.uid),
    async close() {
      await controller.close();
      await dialler.close();
      await server.close();
      await proxy.close();
      await web.close();
      await made[Symbol.asyncDispose]();
    },
  };
}

/** Waits for the ends of the runs, and holds what the store says against what the hosts say. */
export async function tallyOf(rig: LinkRig, runs: readonly Run[]): Promise<Tally> {
  const ran = new Map<string, number>();
  let [hosts, lost, indefinite] = [0, 0, 0];
  for (const run of runs) await rig.finished(run);
  for (const name of rig.ledger) ran.set(name, (ran.get(name) ?? 0) + 1);
  for (const run of runs) {
    for (const { position, hostName, state, output } of await rig.web.store.runs.executions(run.id, {
      limit: 100_000,
    })) {
      hosts += 1;
      if (!isFinalExecutionState(state)) indefinite += 1;
      const bytes = await rig.web.store.runs.output(run.id, position, "stdout", { offset: 0, limit: 10_000 });
      const whole = state === "ok" && output === "complete" && Buffer.from(bytes ?? []).includes(hostName);
      if (!whole || !ran.has(`${run.uid} ${position}`)) lost += 1;
    }
  }
  const executedTwice = [...ran.values()].filter((times) => times > 1).length;
  const expiredAccepted = rig.ledger.filter((name) => rig.forbidden.has(name.split(" ")[0] ?? "")).length;
  return { hosts, executedTwice, lost, indefinite, expiredAccepted };
}

export function total(tallies: readonly Tally[]): Tally {
  const sum = (of: keyof Tally) => tallies.reduce((all, tally) => all + tally[of], 0);
  return {
    hosts: sum("hosts"),
    executedTwice: sum("executedTwice"),
    lost: sum("lost"),
    indefinite: sum("indefinite"),
    expiredAccepted: sum("expiredAccepted"),
  };
}
