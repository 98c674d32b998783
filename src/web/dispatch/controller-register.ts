import type { EngineStatus, Hello } from "../../contract/link/controller_pb.ts";
import type { ControllerLink } from "./controller-link.ts";
import type { ControllerStatus } from "./dispatcher.ts";

/** The controllers that there are to be, and the link of each that is connected. */
export interface ControllerRegister {
  link(controller: string): ControllerLink | undefined;
  connected(link: ControllerLink, hello: Hello): void;
  probed(link: ControllerLink, engines: readonly EngineStatus[]): void;
  /** Only when it is still this link. */
  disconnected(link: ControllerLink): void;
  statuses(): readonly ControllerStatus[];
}

interface Entry {
  status: ControllerStatus;
  link?: ControllerLink | undefined;
}

export function createControllerRegister(names: readonly string[], clock: () => number): ControllerRegister {
  const entries = new Map<string, Entry>(
    names.map((name) => [name, { status: { name, connected: false, version: "", engines: [] } }]),
  );

  function change(link: ControllerLink, status: Partial<ControllerStatus>): Entry | undefined {
    const entry = entries.get(link.controller);
    if (entry !== undefined) entry.status = { ...entry.status, ...status };
    return entry;
  }

  return {
    link: (controller) => entries.get(controller)?.link,
    connected(link, hello) {
      const { version } = hello;
      const entry = change(link, { connected: true, since: clock(), version, engines: hello.engines.map(plain) });
      if (entry !== undefined) entry.link = link;
    },
    probed(link, engines) {
      change(link, { engines: engines.map(plain) });
    },
    disconnected(link) {
      if (entries.get(link.controller)?.link !== link) return;
      const entry = change(link, { connected: false, since: clock() });
      if (entry !== undefined) entry.link = undefined;
    },
    statuses: () => [...entries.values()].map((entry) => entry.status),
  };
}

function plain({ id, usable, version, reason, mend, warning }: EngineStatus): ControllerStatus["engines"][number] {
  return { id, usable, version, reason, mend, warning };
}
