import type { ControllerEnd } from "../contract/link/link.ts";

/** The open links, one to each web server. One of them delivers: it carries the events, and fetches files. */
export interface Links {
  /** Serves a link until it closes; one to the same server before it is closed first. Never rejects. */
  attach(end: ControllerEnd, server: string): Promise<void>;
  /** To be asked once the web server has said what it has: true for the link that delivers from now on. */
  mayDeliver(end: ControllerEnd): boolean;
  isOpen(end: ControllerEnd): boolean;
  /** Resolves when the link that delivers closes; undefined while none does. */
  delivering(): Promise<void> | undefined;
  close(): Promise<void>;
}

interface Link {
  readonly end: ControllerEnd;
  readonly served: Promise<void>;
}

/**
 * The web servers share one store, so that events go to one of them: to another only when that link is gone. What a
 * standby was told at its beginning is old by then; its link is closed, and begins anew with what the store has now.
 */
export function createLinks(serve: (end: ControllerEnd) => Promise<void>): Links {
  const links = new Map<string, Link>();
  let chosen: Link | undefined;
  let closed = false;

  function linkOf(end: ControllerEnd): Link | undefined {
    return [...links.values()].find((link) => link.end === end);
  }

  return {
    async attach(end, server) {
      for (let earlier = links.get(server); earlier !== undefined; earlier = links.get(server)) {
        earlier.end.close();
        await earlier.served;
      }
      if (closed) return end.close();
      const link = { end, served: serve(end).finally(() => links.delete(server)) };
      links.set(server, link);
      await link.served;
      if (chosen !== link) return;
      chosen = undefined;
      const [standby] = links.values();
      standby?.end.close();
    },
    mayDeliver(end) {
      chosen ??= linkOf(end);
      return chosen?.end === end;
    },
    isOpen: (end) => linkOf(end) !== undefined,
    delivering: () => chosen?.served,
    async close() {
      closed = true;
      const open = [...links.values()];
      for (const { end } of open) end.close();
      await Promise.all(open.map(({ served }) => served));
    },
  };
}
