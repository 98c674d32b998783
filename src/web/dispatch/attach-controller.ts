import type { Logger } from "pino";
import { OmError } from "../../contract/errors.ts";
import type { ControllerFrame, Hello, OrderAnswer } from "../../contract/link/controller_pb.ts";
import type { WebEnd } from "../../contract/link/link.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { Store } from "../store/store.ts";
import { type ControllerLink, createControllerLink, type OpenFile } from "./controller-link.ts";
import type { ControllerRegister } from "./controller-register.ts";
import type { Ingest, IngestSession } from "./ingest.ts";
import type { OrderKeeper } from "./order-keeper.ts";
import { orderToSend, type SigningKey } from "./orders.ts";
import type { UnsentOrders } from "./unsent-orders.ts";

export interface AttachParts {
  readonly store: Store;
  readonly live: { changed(runId: number): void };
  readonly ingest: Ingest;
  readonly signingKey: SigningKey;
  readonly files: { readonly open: OpenFile };
  readonly log: Logger;
  readonly clock: () => number;
  readonly names: readonly string[];
  readonly keeper: OrderKeeper;
  readonly register: ControllerRegister;
  readonly unsent: UnsentOrders;
  /** One link of a controller is served at a time: the next begins when the last has let go of the store. */
  readonly serving: Map<string, Promise<void>>;
}

const helloMilliseconds = 10_000;

/** Serves a controller over a link until it closes. Never rejects: what goes wrong is logged and closes the link. */
export async function attachController(parts: AttachParts, end: WebEnd): Promise<void> {
  const { log, register, serving } = parts;
  const frames = end.frames[Symbol.asyncIterator]();
  try {
    const hello = await readHello(frames, end);
    const { controller } = hello;
    if (!parts.names.includes(controller)) {
      throw new OmError(
        "config.invalid",
        `A controller “${controller.slice(0, 64)}” connected, which is not configured here.`,
      );
    }
    for (let earlier = serving.get(controller); earlier !== undefined; earlier = serving.get(controller)) {
      register.link(controller)?.close();
      await earlier;
    }
    const served = serve(parts, createControllerLink(controller, end, log), hello, frames, end).finally(() =>
      serving.delete(controller),
    );
    serving.set(controller, served);
    await served;
  } catch (error) {
    log.warn({ error }, "a link to a controller was given up");
  } finally {
    end.close();
  }
}

async function serve(
  parts: AttachParts,
  link: ControllerLink,
  hello: Hello,
  frames: AsyncIterator<ControllerFrame>,
  end: WebEnd,
): Promise<void> {
  const { store, log, register } = parts;
  const { controller } = link;
  let session: IngestSession | undefined;
  try {
    const progress = await store.runs.progress(controller);
    const known = new Map(progress.map(({ runUid, lastSeq }) => [runUid, lastSeq]));
    const alive = new Set(hello.runs.map(({ runUid }) => runUid));
    await endLostRuns(parts, controller, alive, known);
    session = parts.ingest.open({
      controller,
      progress: known,
      acknowledge(runUid, seq) {
        void link.send({ case: "acknowledge", value: { runUid, seq: BigInt(seq) } }).catch(() => undefined);
      },
      broken(error) {
        log.warn({ error, controller }, "the link to a controller is closed, so that it sends again");
        end.close();
      },
    });
    await link.send({
      case: "welcome",
      value: { runs: progress.map(({ runUid, lastSeq }) => ({ runUid, lastSeq: BigInt(lastSeq) })) },
    });
    register.connected(link, hello);
    log.info({ controller, version: hello.version }, "a controller is connected");
    sendAgain(parts, link, alive).catch((error: unknown) => {
      log.error({ error, controller }, "waiting orders could not be sent");
      end.close();
    });
    for (let next = await frames.next(); next.done !== true; next = await frames.next()) {
      await handle(parts, link, session, next.value.frame);
    }
  } finally {
    register.disconnected(link);
    end.close();
    await session?.close();
    log.info({ controller }, "a controller is disconnected");
  }
}

async function handle(
  parts: AttachParts,
  link: ControllerLink,
  session: IngestSession,
  frame: ControllerFrame["frame"],
): Promise<void> {
  switch (frame.case) {
    case "events":
      await session.push(frame.value);
      return;
    case "orderAnswer":
      await orderAnswered(parts, link.controller, frame.value);
      return;
    case "fileRequest":
      link.serveFile(frame.value, parts.files.open);
      return;
    case "answer":
      link.answered(frame.value);
      return;
    case "hello":
    case undefined:
      return;
  }
}

async function orderAnswered(
  { store, live, log, clock }: AttachParts,
  controller: string,
  answer: OrderAnswer,
): Promise<void> {
  if (answer.accepted) return store.runs.orderAccepted(answer.runUid, controller);
  log.warn({ controller, run: answer.runUid, reason: answer.reason }, "a controller refused an order");
  const run = await store.runs.orderRefused(answer.runUid, controller, answer.reason, clock());
  live.changed(run.id);
}

/** Cancels first: an order that comes after its cancel starts nothing. */
async function sendAgain(parts: AttachParts, link: ControllerLink, alive: ReadonlySet<string>): Promise<void> {
  const { store, keeper, signingKey, clock, unsent } = parts;
  const cancelling = await store.runs.cancelling(link.controller);
  for (const { runUid, by } of cancelling) await link.send({ case: "cancel", value: { runUid, actor: by } });
  const cancelled = new Set(cancelling.map(({ runUid }) => runUid));
  for (const { runUid, order } of await store.runs.pendingOrders(link.controller)) {
    if (!unsent.maySend(runUid, link.controller)) continue;
    if (alive.has(runUid)) {
      // It was accepted, and the answer was lost.
      await store.runs.orderAccepted(runUid, link.controller);
      continue;
    }
    let signed: ReturnType<typeof orderToSend>;
    try {
      signed = orderToSend(keeper.open(order), signingKey, clock(), !cancelled.has(runUid));
    } catch (error) {
      const reason = error instanceof OmError ? error.message : reasonText("order_unreadable");
      parts.live.changed((await store.runs.orderRefused(runUid, link.controller, reason, clock())).id);
      continue;
    }
    await link.send({ case: "order", value: signed });
  }
}

/**
 * Runs that the controller had accepted and no longer knows: its folder was lost, or this store is from a backup. Their
 * open hosts become `unknown`.
 */
async function endLostRuns(
  parts: AttachParts,
  controller: string,
  alive: ReadonlySet<string>,
  progress: ReadonlyMap<string, number>,
): Promise<void> {
  const { store, live, log } = parts;
  const waiting = new Set((await store.runs.pendingOrders(controller)).map(({ runUid }) => runUid));
  for (const [runUid, lastSeq] of progress) {
    if (waiting.has(runUid) || alive.has(runUid)) continue;
    log.error({ controller, run: runUid }, "a controller no longer knows a run that it had accepted");
    const seq = lastSeq + 1;
    const nothing = { dispatching: [], running: [], output: [], ended: [] };
    const run = await store.runs.apply({ runUid, controller, firstSeq: seq, lastSeq: seq, ...nothing, runEnded: true });
    live.changed(run.id);
  }
}

/** The first frame of a link, which must be a Hello that comes soon. */
async function readHello(frames: AsyncIterator<ControllerFrame>, end: WebEnd): Promise<Hello> {
  const timer = setTimeout(end.close, helloMilliseconds);
  const first = await frames.next().finally(() => clearTimeout(timer));
  if (first.done !== true && first.value.frame.case === "hello") return first.value.frame.value;
  throw new OmError("controller.unreachable", "What connected as a controller did not say who it is.");
}
