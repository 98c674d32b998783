import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Logger } from "pino";
import type { AbsentEngine, Engine } from "../contract/engine.ts";
import {
  type Cancel,
  ControllerFrameSchema,
  type Release,
  type SignedOrder,
  type WebFrame,
  type Welcome,
} from "../contract/link/controller_pb.ts";
import type { ControllerEnd } from "../contract/link/link.ts";
import { createCredentialStore, defaultCredentialName } from "./credentials/credential-store.ts";
import { loadSealingKey } from "./credentials/sealing-key.ts";
import { watchEngines } from "./engine-health.ts";
import { createFileCache } from "./files/file-cache.ts";
import { createLinkFiles } from "./files/link-files.ts";
import { createHostKeyStore } from "./host-keys/host-keys.ts";
import { createLinks } from "./links.ts";
import { type Observe, observedJournal } from "./observe.ts";
import { createOrderIntake } from "./orders/order-intake.ts";
import { createTrustedKeys, type TrustedKey } from "./orders/trusted-keys.ts";
import { answerRequest, type RequestParts } from "./requests.ts";
import { createRunRegister } from "./run-register.ts";
import { createSettings } from "./settings.ts";
import { openDatabase } from "./spool/database.ts";
import { createJournal, type JournaledRun } from "./spool/journal.ts";
import { createOutputShare } from "./spool/output-share.ts";
import { createRecorder } from "./spool/recorder.ts";
import { createSender } from "./spool/sender.ts";
import { createStanding, unacknowledgedEvents } from "./standing.ts";

export interface ControllerOptions {
  /** What orders name as their audience. */
  readonly name: string;
  /** Its own: journal, keys, credentials, file cache. No second controller may use it at the same time. */
  readonly folder: string;
  /** Handed in, and closed by who made them, after the controller. */
  readonly engines: readonly Engine[];
  /** Those that could be switched on here, for who asks what a controller can use. */
  readonly absentEngines?: readonly AbsentEngine[];
  /** With which it begins; later ones are announced over the link, vouched for by these. */
  readonly trustedKeys: readonly TrustedKey[];
  readonly log: Logger;
  readonly version: string;
  /** known_hosts files to read besides its own; they may be missing. */
  readonly knownHostsFiles?: readonly string[];
  readonly limits?: Partial<ControllerLimits>;
  readonly clock?: () => number;
  /** Of the machine, in milliseconds: how it is noticed that this process stood still. Its own where left out. */
  readonly uptime?: () => number;
  readonly observe?: Observe;
}

export interface ControllerLimits {
  /** Events on disk that the web server has not acknowledged; past it engines are slowed. Default 1 GiB. */
  readonly spoolBytes: number;
  /** Events in memory on their way to the disk; past it engines are slowed. Default 8 MiB. */
  readonly memoryBytes: number;
  /** Library files kept. Default 10 GiB. */
  readonly fileCacheBytes: number;
  /** Waiting for a link to fetch a library file. Default 60,000 ms. */
  readonly fileMilliseconds: number;
  /** Silence of an engine beyond its own limits before its hosts are `unknown`. Default 60,000 ms. */
  readonly engineMilliseconds: number;
  /** For hosts that run, and then for the last acknowledgements, when it closes. Default 5,000 ms. */
  readonly closeMilliseconds: number;
  /** Between two reports of how it stands. Default 5,000 ms. */
  readonly statusMilliseconds: number;
}

const defaultLimits: ControllerLimits = {
  spoolBytes: 1024 ** 3,
  memoryBytes: 8 * 1024 ** 2,
  fileCacheBytes: 10 * 1024 ** 3,
  fileMilliseconds: 60_000,
  engineMilliseconds: 60_000,
  closeMilliseconds: 5000,
  statusMilliseconds: 5000,
};

export interface Controller {
  /**
   * Serves a web server over an open link until it closes; a link to the same server before it is closed. Orders come
   * from every web server, events go to one of them (they share a store). Never rejects.
   */
  attach(end: ControllerEnd, server?: string): Promise<void>;
  /**
   * Starts no more hosts, lets those that run end for a while, sends what is written, and closes. Hosts that still run
   * then are found again at the next start by engines that can, else end as `unknown`; hosts that have not begun go on
   * then. Engines are closed after it, as what they tell of that would count. Idempotent.
   */
  close(): Promise<void>;
}

/**
 * Takes up where its folder says that it stopped: nothing that had begun is begun again. Throws `config.invalid` when
 * the folder cannot be used or another controller uses it.
 */
export async function createController(options: ControllerOptions): Promise<Controller> {
  const { name, folder, log } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const clock = options.clock ?? Date.now;
  const observe: Observe = options.observe ?? (() => undefined);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = openDatabase(join(folder, "controller.db"));
  const key = loadSealingKey(join(folder, "controller.key"));
  const journal = observedJournal(createJournal(database, key), observe);
  const settings = createSettings(database);
  const credentials = createCredentialStore(database, key, name);
  const hostKeys = createHostKeyStore({
    file: join(folder, "known_hosts"),
    knownHostsFiles: options.knownHostsFiles ?? [],
    policy: settings.hostKeyPolicy,
  });
  const linkFiles = createLinkFiles(limits.fileMilliseconds);
  const files = createFileCache({
    folder: join(folder, "files"),
    limitBytes: limits.fileCacheBytes,
    fetch: linkFiles.fetch,
    log,
  });
  const engines = new Map(options.engines.map((engine) => [String(engine.manifest.id), engine]));
  const runs = new Map<string, JournaledRun>(journal.openRuns().map((run) => [run.uid, run]));
  const sender = createSender(journal, runs);
  const outputShare = createOutputShare();
  const recorder = createRecorder({
    journal,
    log,
    spoolLimitBytes: limits.spoolBytes,
    memoryLimitBytes: limits.memoryBytes,
    onSpooled(batches) {
      outputShare.spooled(batches);
      sender.spooled(batches);
    },
    onEnded: (run, positions) => carried.settled(run, positions),
  });
  const trustedKeys = createTrustedKeys(options.trustedKeys, settings.keyStatements, log);
  const takeOrder = createOrderIntake({
    journal,
    trustedKeys: trustedKeys.current,
    audience: name,
    log,
    clock,
  });
  const engineWatch = await watchEngines(engines.values(), options.absentEngines);
  const links = createLinks(serve);
  let closing: Promise<void> | undefined;
  let onCaughtUp: (() => void) | undefined;

  const requestParts: RequestParts = {
    controller: name,
    engines,
    credentials,
    defaultCredential,
    hostKeys,
    files,
    knowsRun: (runUid) => runs.has(runUid),
    setHostKeyPolicy: settings.setHostKeyPolicy,
    durable: journal.sync,
    probe: engineWatch.probe,
  };

  function defaultCredential(): string | undefined {
    return credentials.has(defaultCredentialName) ? defaultCredentialName : undefined;
  }

  const carried = createRunRegister({
    name,
    journal,
    recorder,
    outputShare,
    engines,
    credentials,
    defaultCredential,
    hostKeys,
    files,
    log,
    clock,
    uptime: options.uptime,
    patience: limits.engineMilliseconds,
  });

  function send(end: ControllerEnd, frame: MessageInitShape<typeof ControllerFrameSchema>["frame"]): void {
    end.send(create(ControllerFrameSchema, { frame })).catch(() => undefined);
  }

  async function onOrder(end: ControllerEnd, signed: SignedOrder): Promise<void> {
    if (closing !== undefined) return;
    try {
      const { answer, begin } = takeOrder(signed);
      if (begin !== undefined) {
        runs.set(begin.run.uid, begin.run);
        carried.begin(begin.run, begin.work);
      }
      if (answer === undefined) return;
      // The answer is a promise, so it waits for the disk. The run need not: no intent is on disk before its order is.
      await journal.sync();
      send(end, { case: "orderAnswer", value: answer });
    } catch (error) {
      log.error({ error }, "an order cannot be recorded now; it is tried again as long as the link stands");
      setTimeout(() => {
        if (links.isOpen(end)) void onOrder(end, signed);
      }, orderRetryMilliseconds).unref();
    }
  }

  function onCancel({ runUid, actor }: Cancel): void {
    carried.cancel(runUid, actor);
    try {
      journal.cancel(runUid, actor);
    } catch (error) {
      log.error({ error, run: runUid }, "a cancel cannot be recorded; it holds until a restart, and comes again then");
    }
  }

  function onRelease({ runUid, wave, failuresElsewhere }: Release): void {
    const run = runs.get(runUid);
    if (run === undefined) return;
    try {
      if (journal.release(run, { wave, failuresElsewhere })) carried.released(run);
    } catch (error) {
      log.error({ error, run: runUid }, "a release cannot be recorded; it comes again");
    }
  }

  async function handle(end: ControllerEnd, frame: WebFrame["frame"]): Promise<void> {
    switch (frame.case) {
      case "order":
        await onOrder(end, frame.value);
        return;
      case "cancel":
        onCancel(frame.value);
        return;
      case "release":
        onRelease(frame.value);
        return;
      case "acknowledge":
        acknowledge(frame.value.runUid, Number(frame.value.seq));
        return;
      case "fileChunk":
        await linkFiles.take(frame.value);
        return;
      case "request":
        void answerRequest(requestParts, frame.value).then((value) => send(end, { case: "answer", value }));
        return;
      case "announcedKeys":
        trustedKeys.take(frame.value, clock());
        return;
      case "welcome":
      case undefined:
        return;
    }
  }

  function acknowledge(uid: string, seq: number): void {
    const run = runs.get(uid);
    if (run === undefined) return;
    if (sender.acknowledged(run, seq)) runs.delete(uid);
    outputShare.acknowledged(run, seq);
    recorder.acknowledged(run);
    if (onCaughtUp !== undefined && caughtUp()) onCaughtUp();
  }

  function caughtUp(): boolean {
    return [...runs.values()].every((run) => run.acknowledgedSeq >= run.lastSeq);
  }

  const standing = createStanding({
    folder,
    load: carried.load,
    spool: () => ({ events: unacknowledgedEvents(runs.values()), bytes: journal.spoolBytes() }),
    engines: engineWatch.current,
    clock,
  });

  function deliver(end: ControllerEnd, welcome: Welcome): void {
    linkFiles.use(end);
    outputShare.linked(true);
    const progress = new Map(welcome.runs.map((run) => [run.runUid, Number(run.lastSeq)]));
    sender.serve(end, progress).catch(() => end.close());
  }

  async function serve(end: ControllerEnd): Promise<void> {
    const known = [...runs.values()].map((run) => ({ runUid: run.uid, lastSeq: BigInt(run.lastSeq) }));
    const hello = { controller: name, version: options.version, engines: [...engineWatch.current()], runs: known };
    let reporting: NodeJS.Timeout | undefined;
    let delivering = false;
    try {
      await end.send(create(ControllerFrameSchema, { frame: { case: "hello", value: hello } }));
      for await (const { frame } of end.frames) {
        if (frame.case === "welcome") {
          delivering = links.mayDeliver(end);
          if (delivering) deliver(end, frame.value);
          const report = () => void standing().then((value) => send(end, { case: "status", value }));
          report();
          reporting ??= setInterval(report, limits.statusMilliseconds);
        } else {
          await handle(end, frame);
        }
      }
    } catch (error) {
      if (!isClosed(error)) log.error({ error }, "the link to the web server broke");
    } finally {
      clearInterval(reporting);
      end.close();
      if (delivering) {
        linkFiles.use(undefined);
        outputShare.linked(false);
      }
    }
  }

  async function closeNow(): Promise<void> {
    await carried.leave(limits.closeMilliseconds);
    outputShare.close();
    await orTimeout(recorder.flushed(), limits.closeMilliseconds);
    const delivering = links.delivering();
    if (delivering !== undefined && !caughtUp()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      onCaughtUp = resolve;
      await orTimeout(Promise.race([promise, delivering]), limits.closeMilliseconds);
    }
    await links.close();
    await recorder.close();
    database.close();
  }

  observe("recover.before");
  for (const run of runs.values()) carried.recover(run);
  observe("recover.after");

  return {
    async attach(end, server = "") {
      if (closing !== undefined) return end.close();
      await links.attach(end, server);
    },
    close() {
      closing ??= closeNow();
      return closing;
    },
  };
}

const orderRetryMilliseconds = 1000;

function isClosed(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "controller.unreachable";
}

function orTimeout(promise: Promise<void>, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    void promise.finally(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
