import { join } from "node:path";
import type { Logger } from "pino";
import { OmError } from "../contract/errors.ts";
import { reasonText } from "../contract/reasons.ts";
import { type LinkServer, startLinkServer } from "../link/grpc/link-server.ts";
import type { Dispatcher } from "../web/dispatch/dispatcher.ts";
import { type Authority, openAuthority, type WebIdentity } from "../web/enrol/authority.ts";
import { createEnrolment, type Enrolment } from "../web/enrol/enrolment.ts";
import type { OrderKeys } from "../web/enrol/order-keys.ts";
import { addressGroup, createAttempts } from "../web/http/attempts.ts";
import type { LinkAdministration } from "../web/http/parts.ts";
import type { Store } from "../web/store/store.ts";
import { addressOf, type Config } from "./config.ts";

export interface WebLinkOptions {
  readonly config: Config;
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  readonly orderKeys: OrderKeys;
  readonly log: Logger;
}

/** The web server's side of the link to controllers on other machines. */
export interface WebLink {
  readonly enrolment: Enrolment;
  /** What controllers dial; undefined where the link's port is not open. */
  readonly url: string | undefined;
  cut(controller: string): void;
  close(): Promise<void>;
}

const lookMilliseconds = 3_600_000;
const renewBeforeMilliseconds = 10 * 24 * 3_600_000;

/**
 * Opens the authority (made at the first start) and, where the configuration says so, the link's port. The web server's
 * own certificate is made at each start and renewed in time; its key is only ever in memory.
 */
export async function openWebLink(options: WebLinkOptions): Promise<WebLink> {
  const { config, store, orderKeys, log } = options;
  const authority = await openAuthority(join(config.dataFolder, "keys"));
  const attempts = createAttempts({ max: 20, windowMilliseconds: 15 * 60_000, clock: Date.now });
  const enrolment = createEnrolment({
    store,
    authority,
    attempts: {
      take: (address) => attempts.take(addressGroup(address)),
      giveBack: (address) => attempts.giveBack(addressGroup(address)),
    },
    log,
  });
  const { linkListen } = config;
  if (linkListen === undefined) {
    return { enrolment, url: undefined, cut: () => undefined, close: async () => undefined };
  }

  const identity = await authority.issueWeb();
  const server = await startLinkServer({
    ...linkListen,
    identity,
    check: enrolment.isGood,
    attach: (end, controller) => options.dispatcher.attach(end, controller),
    async enrol({ token, signingRequest }, address) {
      const { controller, certificate } = await enrolment.enrol(token, signingRequest, address);
      const keys = orderKeys.all().map(({ keyId, publicKey, untilMs }) => ({
        keyId,
        publicKey: publicKey.export({ type: "spki", format: "der" }),
        untilMs: BigInt(untilMs ?? 0),
      }));
      return { controller, certificate, orderKeys: keys };
    },
    renew: async (peer, signingRequest) => (await enrolment.renew(peer, signingRequest)).certificate,
    log,
  });
  const stopRenewing = renewInTime(authority, identity, server, log);
  log.info({ address: linkListen.address, port: server.port }, "controllers may connect");
  return {
    enrolment,
    url: config.linkUrl ?? `https://${new URL(addressOf(config)).hostname}:${server.port}`,
    cut: server.cut,
    async close() {
      stopRenewing();
      await server.close();
    },
  };
}

function renewInTime(authority: Authority, first: WebIdentity, server: LinkServer, log: Logger): () => void {
  let { expiresAt } = first;
  async function look(): Promise<void> {
    if (expiresAt - Date.now() > renewBeforeMilliseconds) return;
    const next = await authority.issueWeb();
    server.use(next);
    expiresAt = next.expiresAt;
  }
  const timer = setInterval(() => {
    look().catch((error: unknown) => log.error({ error }, "the web server's certificate could not be renewed yet"));
  }, lookMilliseconds);
  timer.unref();
  return () => clearInterval(timer);
}

/** What administrators do about the link, for the HTTP API; the audit record is written before. */
export function administerLink({
  link,
  dispatcher,
  orderKeys,
  ownController,
}: Pick<WebLinkOptions, "dispatcher" | "orderKeys"> & {
  readonly link: WebLink;
  /** The controller of this process: it has no certificate, and no invitation would bring it back. */
  readonly ownController?: string;
}): LinkAdministration {
  return {
    async invite(controller, zone, by) {
      if (link.url === undefined) {
        throw new OmError(
          "config.invalid",
          "No controller can connect: the link's port is closed. Set linkListen (OMSERVER_LINK_LISTEN), e.g. 0.0.0.0:7443, and start OMServer again.",
        );
      }
      const invitation = await link.enrolment.invite({ controller, by, ...(zone === undefined ? {} : { zone }) });
      return { server: link.url, ...invitation };
    },
    async revoke(controller) {
      if (controller === ownController) {
        throw new OmError("inventory.in_use", reasonText("controller_own", { name: controller }));
      }
      await link.enrolment.revoke(controller);
      link.cut(controller);
      await dispatcher.revoked(controller);
    },
    async rotateOrderKeys() {
      const { keyId } = orderKeys.rotate();
      dispatcher.announceKeys();
      return { keyId, previousUntil: orderKeys.all()[1]?.untilMs ?? 0 };
    },
  };
}
