import type { Logger } from "pino";
import type { EngineStatus, Hello, Status } from "../../contract/link/controller_pb.ts";
import type { ControllerReport } from "../store/repositories/controllers.ts";
import type { Store } from "../store/store.ts";
import type { ControllerLink } from "./controller-link.ts";
import type { ControllerStatus } from "./dispatcher.ts";

/** The controllers that there are, the link of each that is connected here, and what it last said of itself. */
export interface ControllerRegister {
  link(controller: string): ControllerLink | undefined;
  links(): readonly ControllerLink[];
  connected(link: ControllerLink, hello: Hello): Promise<void>;
  /** Noted here at once, and in the store now and then. */
  reported(link: ControllerLink, status: Status): void;
  probed(link: ControllerLink, engines: readonly EngineStatus[]): void;
  /** Only when it is still this link. */
  disconnected(link: ControllerLink): Promise<void>;
  /** By name; those that are revoked too. */
  statuses(): Promise<readonly ControllerStatus[]>;
}

/** A report is written to the store at most so often: what it says is for people, and the newest is in memory. */
const writeMilliseconds = 30_000;

interface Entry {
  readonly link: ControllerLink | undefined;
  /** Of the last change of `link`. */
  readonly since: number;
  readonly report: ControllerReport;
  readonly writtenAt: number;
}

export function createControllerRegister(
  store: Pick<Store, "controllers">,
  clock: () => number,
  log: Logger,
): ControllerRegister {
  const entries = new Map<string, Entry>();

  async function write(controller: string, report: ControllerReport): Promise<void> {
    try {
      await store.controllers.seen(controller, clock(), report);
    } catch (error) {
      log.warn({ error, controller }, "what a controller said of itself could not be kept");
    }
  }

  return {
    link: (controller) => entries.get(controller)?.link,
    links: () => [...entries.values()].flatMap(({ link }) => link ?? []),
    async connected(link, hello) {
      const before = (await store.controllers.get(link.controller)) ?? nothing;
      const { load, spool } = before;
      const report = { load, spool, version: hello.version, engines: hello.engines.map(plain) };
      entries.set(link.controller, { link, since: clock(), report, writtenAt: clock() });
      await write(link.controller, report);
    },
    reported(link, status) {
      const entry = entries.get(link.controller);
      if (entry?.link !== link) return;
      const now = clock();
      const report: ControllerReport = {
        version: entry.report.version,
        engines: status.engines.map(plain),
        load: { runs: status.runs, hosts: status.hosts },
        spool: { events: Number(status.spoolEvents), bytes: Number(status.spoolBytes) },
        clockSkewMilliseconds: Number(status.atMs) - now,
        ...(status.diskFreeBytes === undefined ? {} : { diskFreeBytes: Number(status.diskFreeBytes) }),
      };
      const due = now - entry.writtenAt >= writeMilliseconds;
      entries.set(link.controller, { ...entry, report, writtenAt: due ? now : entry.writtenAt });
      if (due) void write(link.controller, report);
    },
    probed(link, engines) {
      const entry = entries.get(link.controller);
      if (entry?.link !== link) return;
      entries.set(link.controller, { ...entry, report: { ...entry.report, engines: engines.map(plain) } });
    },
    async disconnected(link) {
      const entry = entries.get(link.controller);
      if (entry?.link !== link) return;
      entries.set(link.controller, { ...entry, link: undefined, since: clock() });
      await write(link.controller, entry.report);
    },
    async statuses() {
      const stored = await store.controllers.list();
      return stored.map((controller) => {
        const entry = entries.get(controller.name);
        if (entry === undefined) return { ...controller, connected: false };
        const connected = entry.link !== undefined;
        return {
          ...controller,
          ...entry.report,
          connected,
          since: entry.since,
          lastSeenAt: connected ? clock() : entry.since,
        };
      });
    },
  };
}

const nothing = { load: { runs: 0, hosts: 0 }, spool: { events: 0, bytes: 0 } };

function plain({ id, usable, version, reason, mend, warning }: EngineStatus): ControllerStatus["engines"][number] {
  return { id, usable, version, reason, mend, warning };
}
