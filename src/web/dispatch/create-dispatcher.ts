import type { Logger } from "pino";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { zoneFinder } from "../plan/zones.ts";
import type { Run } from "../store/repositories/runs.ts";
import type { Store } from "../store/store.ts";
import { createApprovals } from "./approvals.ts";
import { attachController } from "./attach-controller.ts";
import type { AttachParts } from "./attach-parts.ts";
import type { OpenFile } from "./controller-link.ts";
import { createControllerRegister } from "./controller-register.ts";
import type { Actor, ControllerStatus, Dispatcher, PlacedHost, StartRun } from "./dispatcher.ts";
import { endRevoked } from "./end-runs.ts";
import type { Ingest } from "./ingest.ts";
import { frozenHosts, frozenRun } from "./new-run.ts";
import { createOrderKeeper } from "./order-keeper.ts";
import type { SigningKey } from "./orders.ts";
import { createPlacement, zoneOfRoom } from "./placement.ts";
import { createQuestions } from "./questions.ts";
import { createReleases } from "./releases.ts";
import { announceKeys, catchUp, sendAgain } from "./send-orders.ts";
import { signShares } from "./signed-shares.ts";
import { newUid } from "./uid.ts";
import { createUnsentOrders } from "./unsent-orders.ts";
import { waitsOf } from "./waiting.ts";

export interface DispatcherOptions {
  readonly store: Store;
  /** Told after each commit. */
  readonly live: { changed(runId: number): void };
  readonly ingest: Ingest;
  readonly signingKey: SigningKey;
  /** The library, for controllers that ask for a file. */
  readonly files: { readonly open: OpenFile };
  readonly log: Logger;
  readonly clock?: () => number;
  /** How long a controller may take to answer a question, in milliseconds. Default 10,000. */
  readonly answerMilliseconds?: number;
  /** Between two looks for runs that nobody has approved in time, in milliseconds. Default 5,000. */
  readonly overdueMilliseconds?: number;
}

/**
 * Everything that must survive is in the store: after a restart, and on every new link, the orders that were not
 * answered and the cancels of runs that are not final are sent again. An order that has waited for its controller for
 * longer than it is valid is signed anew, unless its run was cancelled meanwhile.
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { store, live, signingKey } = options;
  const clock = options.clock ?? Date.now;
  const answerMilliseconds = options.answerMilliseconds ?? 10_000;
  const keeper = createOrderKeeper(signingKey);
  const register = createControllerRegister(store, clock, options.log);
  const releases = createReleases(store, register, options.log);
  const unsent = createUnsentOrders();
  const serving = new Map<string, Promise<void>>();
  const parts: AttachParts = { ...options, clock, keeper, register, releases, unsent, serving };
  const attached = new Set<Promise<void>>();
  let closed = false;

  /** Where hosts go just now: a controller of their zone, or its waiting room. */
  async function placement(): Promise<(host: PlacedHost) => string> {
    const place = createPlacement(await register.statuses(), clock());
    const zoneOf = zoneFinder(await store.inventory.snapshot());
    return (host) => place(zoneOf(host), host.id);
  }

  const approvals = createApprovals({
    ...parts,
    placement,
    overdueMilliseconds: options.overdueMilliseconds ?? 5000,
  });

  async function start(request: StartRun): Promise<Run> {
    const uid = newUid(clock());
    if (request.approvalMilliseconds !== undefined) return approvals.wait(request, uid, request.approvalMilliseconds);
    const { planned, actor } = request;
    const place = await placement();
    const taking = planned.hosts.filter(({ skipped }) => skipped === undefined);
    const controllerOf = new Map(taking.map(({ position, host }) => [position, place(host)]));
    const text = { runUid: uid, actor: actor.name, plan: planned.plan, controllerOf, now: clock() };
    const shares = signShares(parts, text);
    // Known as unsent before it is in the store, where a link that opens just then finds it.
    for (const { controller } of shares.orders) {
      if (zoneOfRoom(controller) === undefined) unsent.add(uid, controller);
    }
    const { orders, coordinated } = shares;
    const fresh = { ...frozenRun(request, uid), coordinated, orders, executions: frozenHosts(request, controllerOf) };
    const { run, repeated } = await store.runs.create(fresh).catch((error: unknown) => {
      unsent.forget(uid);
      throw error;
    });
    if (repeated) {
      unsent.forget(uid);
      if (run.planSha256 === fresh.planSha256) return run;
      throw new OmError("run.duplicate", reasonText("key_used", { run: run.id }));
    }
    live.changed(run.id);
    shares.send();
    return run;
  }

  async function cancel(runId: number, actor: Actor): Promise<Run> {
    let run = await store.runs.requestCancel(runId, actor.name);
    if (run.state === "awaiting_approval") {
      const ended = await approvals.cancel(run.id, actor);
      // Somebody has approved it meanwhile: then it is cancelled as any other.
      run = ended ?? (await store.runs.requestCancel(runId, actor.name));
    }
    live.changed(run.id);
    if (run.state !== "cancelling") return run;
    const by = run.cancelRequestedBy ?? actor.name;
    for (const { controller } of await store.runs.openShares([run.id])) {
      // In a waiting room it has never been sent; elsewhere only this process can know that it was not.
      if (zoneOfRoom(controller) !== undefined || unsent.withdraw(run.uid, controller)) {
        run = await store.runs.orderRefused(
          run.uid,
          controller,
          reasonText("cancelled_before_start", { actor: by }),
          clock(),
        );
        unsent.forget(run.uid, controller);
        live.changed(run.id);
        continue;
      }
      void register
        .link(controller)
        ?.send({ case: "cancel", value: { runUid: run.uid, actor: by } })
        .catch(ignored);
    }
    return run;
  }

  /** Of a host: the one that would get it now, or those of its zone while none is live; undefined while none is known. */
  async function controllersOf(): Promise<(host: PlacedHost) => readonly ControllerStatus[] | undefined> {
    const place = await placement();
    const zoneOf = zoneFinder(await store.inventory.snapshot());
    const known = (await register.statuses()).filter(({ state, engines }) => state !== "revoked" && engines.length > 0);
    const byName = Map.groupBy(known, ({ name }) => name);
    const byZone = Map.groupBy(known, ({ zone }) => zone);
    return (host) => byName.get(place(host)) ?? byZone.get(zoneOf(host));
  }

  return {
    start,
    cancel,
    approve: approvals.approve,
    reject: approvals.reject,
    async attach(end, controller) {
      if (closed) return end.close();
      const served = attachController(parts, end, controller);
      attached.add(served);
      await served.finally(() => attached.delete(served));
    },
    announceKeys() {
      for (const link of register.links()) void announceKeys(parts, link).catch(ignored);
    },
    controllers: register.statuses,
    async engineUse() {
      const asked = await controllersOf();
      return (host, engine) =>
        asked(host)?.some(({ engines }) => engines.some(({ id, usable }) => id === engine && usable));
    },
    async engineFaults() {
      const asked = await controllersOf();
      return (host, engine) => {
        const controllers = asked(host);
        const own = controllers?.flatMap(({ engines }) => engines.filter(({ id }) => id === engine));
        if (controllers === undefined || own?.some(({ usable }) => usable)) return undefined;
        const controller = controllers[0]?.name ?? "";
        return own?.[0] ?? { reason: reasonText("engine_missing", { controller, engine }), mend: "" };
      };
    },
    async waiting(runIds) {
      const shares = await store.runs.openShares(runIds);
      if (shares.length === 0) return new Map();
      const controllers = await register.statuses();
      const waits = Map.groupBy(shares, ({ runId }) => runId).entries();
      return new Map(
        [...waits]
          .map(([runId, own]) => [runId, own.flatMap((share) => waitsOf(share, controllers))] as const)
          .filter(([, list]) => list.length > 0),
      );
    },
    async wouldWait(hosts) {
      const place = await placement();
      const controllers = await register.statuses();
      return [...Map.groupBy(hosts, place)].flatMap(([controller, { length }]) =>
        waitsOf({ controller, unanswered: true }, controllers).map((waits) => ({ ...waits, hosts: length })),
      );
    },
    async setDraining(controller, draining) {
      await store.controllers.setState(controller, draining ? "draining" : "enabled");
      return await changed(controller);
    },
    async setZone(controller, zone) {
      await store.controllers.setZone(controller, zone);
      return await changed(controller);
    },
    async revoked(controller) {
      register.link(controller)?.close();
      await serving.get(controller);
      await endRevoked(parts, controller);
    },
    ...createQuestions({
      register,
      zoneOf: async () => zoneFinder(await store.inventory.snapshot()),
      milliseconds: answerMilliseconds,
      clock,
    }),
    async close() {
      closed = true;
      await approvals.close();
      for (const link of register.links()) link.close();
      await Promise.all(attached);
    },
  };

  /** A controller that takes more than before gets what waited for it. */
  async function changed(controller: string): Promise<ControllerStatus> {
    const link = register.link(controller);
    if (link !== undefined) {
      await sendAgain(parts, link, new Set());
      await catchUp(parts, link);
    }
    const status = (await register.statuses()).find(({ name }) => name === controller);
    if (status !== undefined) return status;
    throw new OmError("request.not_found", reasonText("missing_controller", { id: `“${controller}”` }));
  }
}

function ignored(): void {
  // The link closed: what was not sent is sent again on the next one.
}
