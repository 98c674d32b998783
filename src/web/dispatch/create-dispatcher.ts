import type { Logger } from "pino";
import { OmError } from "../../contract/errors.ts";
import type { Answer } from "../../contract/link/controller_pb.ts";
import { parseJumpHosts } from "../plan/jump-hosts.ts";
import type { NewRun, Run, Store } from "../store/store.ts";
import { attachController } from "./attach-controller.ts";
import type { ControllerLink, OpenFile, RequestInit } from "./controller-link.ts";
import { createControllerRegister } from "./controller-register.ts";
import type { Actor, ControllerStatus, Dispatcher, StartRun, TestedHost } from "./dispatcher.ts";
import { discoveredHosts, hostKeyList } from "./engine-questions.ts";
import type { Ingest } from "./ingest.ts";
import { createOrderKeeper } from "./order-keeper.ts";
import { createOrders, encodeSigned, type SigningKey, signOrder } from "./orders.ts";
import { newUid } from "./uid.ts";
import { createUnsentOrders } from "./unsent-orders.ts";

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
  /** Names of the controllers that there are to be, connected or not. Default `["main"]`. */
  readonly controllers?: readonly string[];
  /** Which of them drives a host. Default: the first. */
  readonly assign?: (host: Pick<TestedHost, "name">) => string;
  /** How long a controller may take to answer a question, in milliseconds. Default 10,000. */
  readonly answerMilliseconds?: number;
}

/** For a connection test the controller may take so long, in milliseconds. */
const connectionTestMilliseconds = 15_000;
/** And so long to ask an engine's own system, which may be slow. */
const engineMilliseconds = 70_000;

/**
 * Everything that must survive is in the store: after a restart, and on every new link, the orders that were not
 * answered and the cancels of runs that are not final are sent again. An order that has waited for its controller for
 * longer than it is valid is signed anew, unless its run was cancelled meanwhile.
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { store, live, signingKey } = options;
  const clock = options.clock ?? Date.now;
  const names = options.controllers ?? ["main"];
  const assign = options.assign ?? (() => names[0] ?? "main");
  const answerMilliseconds = options.answerMilliseconds ?? 10_000;
  const keeper = createOrderKeeper(signingKey.privateKey);
  const register = createControllerRegister(names, clock);
  const unsent = createUnsentOrders();
  const serving = new Map<string, Promise<void>>();
  const attached = new Set<Promise<void>>();
  let closed = false;

  function controllerOf(host: Pick<TestedHost, "name">): string {
    const name = assign(host);
    if (names.includes(name)) return name;
    throw new OmError(
      "config.invalid",
      `Host “${host.name}” belongs to the controller “${name}”, which is not configured.`,
    );
  }

  function newRun({ planned, actor, ...request }: StartRun, uid: string): { run: NewRun; send: () => void } {
    const { manifest } = planned.module;
    const controllers = new Map<number, string>();
    const executions = planned.hosts.map(({ position, host, engine, address, wave, skipped }) => {
      const controller = skipped === undefined ? controllerOf(host) : "";
      if (skipped === undefined) controllers.set(position, controller);
      const { id: hostId, name: hostName, appCategoryId } = host;
      const share = { position, hostId, hostName, address, engine, appCategoryId, controller, wave };
      return skipped === undefined ? share : { ...share, skipped };
    });
    const text = { runUid: uid, actor: actor.name, plan: planned.plan, controllerOf: controllers, now: clock() };
    const orders = createOrders(text).map(({ controller, order }) => ({
      controller,
      signed: signOrder(signingKey, order),
    }));
    const run: NewRun = {
      uid,
      moduleId: planned.module.id,
      moduleVersion: planned.module.version,
      moduleKey: manifest.key,
      moduleName: manifest.name,
      danger: planned.danger,
      parameters: planned.shownParameters,
      query: request.query,
      planSha256: planned.planSha256,
      width: planned.width,
      ...(planned.waveSize === undefined ? {} : { waveSize: planned.waveSize }),
      ...(planned.maxFailures === undefined ? {} : { maxFailures: planned.maxFailures }),
      becomeUser: planned.becomeUser,
      timeoutMilliseconds: planned.timeoutMilliseconds,
      check: planned.check,
      requestedBy: actor.name,
      requestedByUserId: actor.userId,
      ...(request.rerunOf === undefined ? {} : { rerunOf: request.rerunOf }),
      ...(request.idempotencyKey === undefined ? {} : { idempotencyKey: request.idempotencyKey }),
      orders: orders.map(({ controller, signed }) => ({ controller, order: keeper.seal(encodeSigned(signed)) })),
      executions,
    };
    function send(): void {
      for (const { controller, signed } of orders) {
        const link = register.link(controller);
        if (link !== undefined && unsent.maySend(uid, controller))
          void link.send({ case: "order", value: signed }).catch(ignored);
      }
    }
    return { run, send };
  }

  async function start(request: StartRun): Promise<Run> {
    const uid = newUid(clock());
    const { run: fresh, send } = newRun(request, uid);
    // Known as unsent before it is in the store, where a link that opens just then finds it.
    for (const { controller } of fresh.orders) unsent.add(uid, controller);
    const { run, repeated } = await store.runs.create(fresh).catch((error: unknown) => {
      unsent.forget(uid);
      throw error;
    });
    if (repeated) {
      unsent.forget(uid);
      if (run.planSha256 === fresh.planSha256) return run;
      throw new OmError(
        "run.duplicate",
        `The idempotency key was used for run ${run.id}, which is a different one. Take a new key.`,
      );
    }
    live.changed(run.id);
    send();
    return run;
  }

  async function cancel(runId: number, actor: Actor): Promise<Run> {
    let run = await store.runs.requestCancel(runId, actor.name);
    live.changed(run.id);
    if (run.state !== "cancelling") return run;
    const by = run.cancelRequestedBy ?? actor.name;
    for (const controller of names) {
      if (unsent.withdraw(run.uid, controller)) {
        run = await store.runs.orderRefused(run.uid, controller, `Cancelled by ${by} before it started.`, clock());
        unsent.forget(run.uid, controller);
        live.changed(run.id);
        continue;
      }
      const link = register.link(controller);
      if (link === undefined) continue;
      const cancelling = await store.runs.cancelling(controller);
      if (cancelling.some(({ runUid }) => runUid === run.uid)) {
        void link.send({ case: "cancel", value: { runUid: run.uid, actor: by } }).catch(ignored);
      }
    }
    return run;
  }

  function linkTo(controller: string): ControllerLink {
    const link = register.link(controller);
    if (link !== undefined) return link;
    throw new OmError(
      "controller.unreachable",
      `The controller “${controller}” is not connected. Start it, or look at its log, and try again.`,
    );
  }

  function ask(
    controller: string,
    actor: Actor,
    request: RequestInit,
    milliseconds = answerMilliseconds,
  ): Promise<Answer> {
    return linkTo(controller).ask(actor.name, request, milliseconds);
  }

  /** All of them or, when one is away, none. */
  async function askAll(actor: Actor, request: RequestInit): Promise<void> {
    for (const name of names) linkTo(name);
    await Promise.all(names.map((name) => ask(name, actor, request)));
  }

  return {
    start,
    cancel,
    async attach(end) {
      if (closed) return end.close();
      const served = attachController({ ...options, names, clock, keeper, register, unsent, serving }, end);
      attached.add(served);
      await served.finally(() => attached.delete(served));
    },
    controllers: () => register.statuses(),
    canUse(host, engine) {
      const status = register.statuses().find(({ name }) => name === assign(host));
      if (status === undefined || status.engines.length === 0) return undefined;
      return status.engines.some(({ id, usable }) => id === engine && usable);
    },
    async putCredential(name, secret, actor) {
      const bytes = new TextEncoder().encode(JSON.stringify(secret));
      await askAll(actor, { case: "putCredential", value: { name, secret: bytes } });
    },
    deleteCredential: (name, actor) => askAll(actor, { case: "deleteCredential", value: { name } }),
    async testConnection(host, actor) {
      const jumps = parseJumpHosts(host.proxyJump);
      if ("message" in jumps)
        throw new OmError("inventory.invalid", `The jump hosts of “${host.name}” cannot be read: ${jumps.message}.`);
      const { name, address, port, engine, user, credential } = host;
      const value = {
        host: { name, address, port, engine, user, credential, jumps: jumps.map((jump) => ({ ...jump, credential })) },
        timeoutMs: BigInt(connectionTestMilliseconds),
      };
      const limit = connectionTestMilliseconds + answerMilliseconds;
      const { answer } = await ask(controllerOf(host), actor, { case: "testConnection", value }, limit);
      if (answer.case !== "connection")
        throw new OmError("internal.error", "The controller answered something else than a connection test.");
      const { ok, message, milliseconds } = answer.value;
      return { ok, message, milliseconds };
    },
    setHostKeyPolicy: (policy, actor) => askAll(actor, { case: "setHostKeyPolicy", value: { policy } }),
    forgetHostKey: (address, port, actor) => askAll(actor, { case: "forgetHostKey", value: { address, port } }),
    async probeEngines(): Promise<readonly ControllerStatus[]> {
      const links = names.flatMap((name) => register.link(name) ?? []);
      await Promise.all(
        links.map(async (link) => {
          const { answer } = await link.ask("", { case: "probeEngines", value: {} }, answerMilliseconds);
          if (answer.case === "engines") register.probed(link, answer.value.engines);
        }),
      );
      return register.statuses();
    },
    async discoverHosts(controller, engine, actor) {
      const value = { engine };
      return discoveredHosts(await ask(controller, actor, { case: "discoverHosts", value }, engineMilliseconds));
    },
    async hostKeys(controller, engine, actor) {
      return hostKeyList(await ask(controller, actor, { case: "listHostKeys", value: { engine } }, engineMilliseconds));
    },
    async changeHostKey(controller, change, actor) {
      await ask(controller, actor, { case: "changeHostKey", value: change }, engineMilliseconds);
    },
    async close() {
      closed = true;
      for (const name of names) register.link(name)?.close();
      await Promise.all(attached);
    },
  };
}

function ignored(): void {
  // The link closed: what was not sent is sent again on the next one.
}
