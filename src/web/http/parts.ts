import type { FastifyBaseLogger } from "fastify";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { Live } from "../live/live.ts";
import type { FileContent } from "../store/file-content.ts";
import type { Store } from "../store/store.ts";
import type { Attempts } from "./attempts.ts";
import type { Passwords } from "./passwords.ts";
import type { RunApprovals } from "./run-approvals.ts";
import type { RunRequests } from "./run-requests.ts";
import type { Sessions } from "./sessions.ts";

export interface HttpConfig {
  /** What people type in their browser, without a trailing slash; also an accepted Origin. Left out: only the Host header counts. */
  readonly publicUrl?: string;
  /** Folder of the built console; the server works without it and says so at `/`. */
  readonly consoleFolder: string;
  /** Believe X-Forwarded-* of the proxy in front: all, or by Fastify's `trustProxy` forms. */
  readonly trustProxy: boolean | string;
  /** True when browsers reach the server by https: `__Host-` cookie, `Secure`, HSTS. */
  readonly secureCookies: boolean;
  /** Adds timings and SQL statements to answers, see development.ts. Never in production. */
  readonly development?: boolean;
  /** A session ends after so long without a request; default one hour. */
  readonly sessionIdleMilliseconds?: number;
  /** A session ends at the latest after so long; default 24 hours. */
  readonly sessionMilliseconds?: number;
  /** Requests a minute from one address before `request.too_many`; default 6,000. */
  readonly requestsPerMinute?: number;
  /** A live stream says something at least so often, and looks whether its reader may still read; default 15,000. */
  readonly heartbeatMilliseconds?: number;
}

/** Who may be a controller on another machine, and which order-signing key they follow. */
export interface LinkAdministration {
  /** `request.invalid` for a name that none can have, `config.invalid` where no controller can connect. */
  invite(
    controller: string,
    zone: string | undefined,
    by: string,
  ): Promise<{
    /** What the controller dials. */
    readonly server: string;
    readonly token: string;
    readonly authoritySha256: string;
    readonly expiresAt: number;
  }>;
  /** Its certificates end and its links are cut at once. `request.not_found` when there is no such controller. */
  revoke(controller: string): Promise<void>;
  /** `store.conflict` while the last rotation is not through. */
  rotateOrderKeys(): Promise<{ readonly keyId: string; readonly previousUntil: number }>;
}

/** Hosts to try the product with: real SSH servers on the machine of a one-process installation. */
export interface DemoFleet {
  /** Hosts that listen now. */
  readonly listening: number;
  /**
   * Starts it, or finds it up. Commands run there for real, as the account of this process.
   * `config.invalid` where this machine cannot have it.
   */
  start(credential: string): Promise<{
    /** For the import; each host names the credential. */
    readonly hostsCsv: string;
    readonly user: string;
    readonly privateKey: string;
  }>;
  /** Ends its servers and forgets its keys. Idempotent. */
  stop(): Promise<void>;
}

export interface HttpParts {
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  readonly live: Live;
  readonly files: FileContent;
  readonly link: LinkAdministration;
  /** Left out where no controller shares this process. */
  readonly demoFleet?: DemoFleet;
  readonly config: HttpConfig;
  readonly log: FastifyBaseLogger;
  /** Milliseconds since 1970; `Date.now` where left out. */
  readonly clock?: () => number;
}

/** What a handler works with. */
export interface Services extends HttpParts {
  readonly clock: () => number;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  readonly runRequests: RunRequests;
  readonly runApprovals: RunApprovals;
  /** Failed sign-ins by name and address; wrong passwords of one's own by user. */
  readonly nameAttempts: Attempts;
  /** Failed sign-ins and guessed links, by address alone. */
  readonly addressAttempts: Attempts;
  /** Reports of shell commands, by host. */
  readonly reportAttempts: Attempts;
  /** Bad tokens and cookies, by address. */
  readonly tokenAttempts: Attempts;
  /** Runs one at a time: of two set-up links that are redeemed at once, one makes the administrator. */
  readonly setupTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Aborted when the server closes: streams end. */
  readonly closing: AbortSignal;
}
