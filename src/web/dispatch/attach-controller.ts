import { OmError } from "../../contract/errors.ts";
import type { ControllerFrame, Hello, OrderAnswer } from "../../contract/link/controller_pb.ts";
import type { WebEnd } from "../../contract/link/link.ts";
import type { AttachParts } from "./attach-parts.ts";
import { type ControllerLink, createControllerLink } from "./controller-link.ts";
import { endLostRuns } from "./end-runs.ts";
import type { IngestSession } from "./ingest.ts";
import { announceKeys, catchUp, sendAgain, sendPolicy } from "./send-orders.ts";

const helloMilliseconds = 10_000;

/** Serves a controller over a link until it closes. Never rejects: what goes wrong is logged and closes the link. */
export async function attachController(parts: AttachParts, end: WebEnd, expected?: string): Promise<void> {
  const { log, register, serving } = parts;
  const frames = end.frames[Symbol.asyncIterator]();
  try {
    const hello = await readHello(frames, end);
    const { controller } = hello;
    if (expected !== undefined && controller !== expected) {
      throw new OmError(
        "access.denied",
        `The controller “${expected}” called itself “${controller.slice(0, 64)}” and is not served.`,
      );
    }
    await checkKnown(parts, controller);
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
    session = parts.ingest.open({
      controller,
      progress: known,
      acknowledge(runUid, seq) {
        void link.send({ case: "acknowledge", value: { runUid, seq: BigInt(seq) } }).catch(() => undefined);
      },
      applied: (run) => parts.releases.changed(run),
      broken(error) {
        log.warn({ error, controller }, "the link to a controller is closed, so that it sends again");
        end.close();
      },
    });
    await link.send({
      case: "welcome",
      value: { runs: progress.map(({ runUid, lastSeq }) => ({ runUid, lastSeq: BigInt(lastSeq) })) },
    });
    await register.connected(link, hello);
    log.info({ controller, version: hello.version }, "a controller is connected");
    sendAll(parts, link, alive).catch((error: unknown) => {
      log.error({ error, controller }, "waiting orders could not be sent");
      end.close();
    });
    for (let next = await frames.next(); next.done !== true; next = await frames.next()) {
      await handle(parts, link, session, next.value.frame);
    }
  } finally {
    end.close();
    await register.disconnected(link);
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
    case "status":
      parts.register.reported(link, frame.value);
      await catchUp(parts, link);
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

/** Unknown and revoked controllers are not served. */
async function checkKnown({ store }: AttachParts, controller: string): Promise<void> {
  const known = await store.controllers.get(controller);
  if (known !== undefined && known.state !== "revoked") return;
  throw new OmError(
    "access.denied",
    `A controller “${controller.slice(0, 64)}” connected, which ${known === undefined ? "is not enrolled here" : "was revoked"}.`,
  );
}

async function orderAnswered(
  { store, live, log, clock, releases }: AttachParts,
  controller: string,
  answer: OrderAnswer,
): Promise<void> {
  if (answer.accepted) return store.runs.orderAccepted(answer.runUid, controller);
  log.warn({ controller, run: answer.runUid, reason: answer.reason }, "a controller refused an order");
  const run = await store.runs.orderRefused(answer.runUid, controller, answer.reason, clock());
  live.changed(run.id);
  releases.changed(run);
}

/** What a new link is told before its controller's reports bring up the rest. */
async function sendAll(parts: AttachParts, link: ControllerLink, alive: ReadonlySet<string>): Promise<void> {
  await announceKeys(parts, link);
  await endLostRuns(parts, link, alive);
  await sendPolicy(parts, link);
  await sendAgain(parts, link, alive);
  await catchUp(parts, link);
}

/** The first frame of a link, which must be a Hello that comes soon. */
async function readHello(frames: AsyncIterator<ControllerFrame>, end: WebEnd): Promise<Hello> {
  const timer = setTimeout(end.close, helloMilliseconds);
  const first = await frames.next().finally(() => clearTimeout(timer));
  if (first.done !== true && first.value.frame.case === "hello") return first.value.frame.value;
  throw new OmError("controller.unreachable", "What connected as a controller did not say who it is.");
}
