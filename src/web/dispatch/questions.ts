import { OmError } from "../../contract/errors.ts";
import type { Answer } from "../../contract/link/controller_pb.ts";
import { reasonText } from "../../contract/reasons.ts";
import { parseJumpHosts } from "../plan/jump-hosts.ts";
import type { ControllerLink, RequestInit } from "./controller-link.ts";
import type { ControllerRegister } from "./controller-register.ts";
import type { Actor, ControllerStatus, Dispatcher, PlacedHost } from "./dispatcher.ts";
import { discoveredHosts, hostKeyList } from "./engine-questions.ts";
import { createPlacement, zoneOfRoom } from "./placement.ts";

type Questions = Pick<
  Dispatcher,
  | "putCredential"
  | "deleteCredential"
  | "testConnection"
  | "setHostKeyPolicy"
  | "forgetHostKey"
  | "probeEngines"
  | "discoverHosts"
  | "hostKeys"
  | "changeHostKey"
>;

export interface QuestionParts {
  readonly register: ControllerRegister;
  readonly zoneOf: () => Promise<(host: PlacedHost) => string>;
  /** How long a controller may take to answer. */
  readonly milliseconds: number;
  readonly clock: () => number;
}

/** For a connection test the controller may take so long, in milliseconds. */
const connectionTestMilliseconds = 15_000;
/** And so long to ask an engine's own system, which may be slow. */
const engineMilliseconds = 70_000;

/** What is asked of controllers besides runs, and answered while the asker waits. */
export function createQuestions({ register, zoneOf, milliseconds, clock }: QuestionParts): Questions {
  function ask(link: ControllerLink, actor: Actor, request: RequestInit): Promise<Answer> {
    return link.ask(actor.name, request, milliseconds);
  }

  /** The connected controllers among these; refuses where there is none. */
  function connected(controllers: readonly ControllerStatus[]): ControllerLink[] {
    const links = controllers.flatMap(({ name }) => register.link(name) ?? []);
    if (links.length > 0) return links;
    const names = controllers.map(({ name }) => `“${name}”`).join(", ");
    throw new OmError(
      "controller.unreachable",
      names === "" ? reasonText("controllers_none") : reasonText("controllers_away", { names }),
    );
  }

  /** One named controller, about an engine's own system. */
  async function askOne(controller: string, actor: Actor, request: RequestInit): Promise<Answer> {
    const link = register.link(controller);
    if (link !== undefined) return link.ask(actor.name, request, engineMilliseconds);
    throw new OmError("controller.unreachable", reasonText("controller_away", { controller }));
  }

  async function inService(): Promise<readonly ControllerStatus[]> {
    return (await register.statuses()).filter(({ state }) => state !== "revoked");
  }

  async function askConnected(actor: Actor, request: RequestInit): Promise<void> {
    await Promise.all(connected(await inService()).map((link) => ask(link, actor, request)));
  }

  /** A connected controller of the host's zone: the one that a run would take, where it can be asked. */
  async function linkFor(host: PlacedHost & { readonly name: string }): Promise<ControllerLink> {
    const zone = (await zoneOf())(host);
    const serving = (await inService()).filter((controller) => controller.zone === zone);
    const chosen = createPlacement(serving, clock())(zone, host.id);
    const link = zoneOfRoom(chosen) === undefined ? register.link(chosen) : undefined;
    if (link !== undefined) return link;
    if (serving.length > 0) return connected(serving)[0] as ControllerLink;
    throw new OmError("controller.unreachable", reasonText("controller_elsewhere", { host: host.name, zone }));
  }

  return {
    async putCredential(name, secret, zones, actor) {
      const value = { name, secret: new TextEncoder().encode(JSON.stringify(secret)) };
      const meant = (await inService()).filter(({ zone }) => zones.length === 0 || zones.includes(zone));
      const links = connected(meant);
      const answers = await Promise.allSettled(links.map((link) => ask(link, actor, { case: "putCredential", value })));
      const heldBy = links.flatMap(({ controller }, at) => (answers[at]?.status === "fulfilled" ? [controller] : []));
      const refused = answers.find((answer) => answer.status === "rejected");
      if (heldBy.length === 0 && refused !== undefined) throw refused.reason;
      return { heldBy };
    },

    async deleteCredential(name, heldBy, actor) {
      const holders = (await inService()).filter((controller) => heldBy.includes(controller.name));
      const away = holders.filter((controller) => !controller.connected);
      if (away.length > 0) {
        const names = away.map((controller) => `“${controller.name}”`).join(", ");
        throw new OmError("controller.unreachable", reasonText("credential_held_away", { names, name }));
      }
      const links = holders.flatMap((controller) => register.link(controller.name) ?? []);
      await Promise.all(links.map((link) => ask(link, actor, { case: "deleteCredential", value: { name } })));
    },

    async testConnection(host, actor) {
      const jumps = parseJumpHosts(host.proxyJump);
      if ("message" in jumps)
        throw new OmError(
          "inventory.invalid",
          reasonText("jumps_of_unreadable", { host: host.name, fault: jumps.message }),
        );
      const { name, address, port, engine, user, credential } = host;
      const value = {
        host: { name, address, port, engine, user, credential, jumps: jumps.map((jump) => ({ ...jump, credential })) },
        timeoutMs: BigInt(connectionTestMilliseconds),
      };
      const link = await linkFor(host);
      const limit = connectionTestMilliseconds + milliseconds;
      const { answer } = await link.ask(actor.name, { case: "testConnection", value }, limit);
      if (answer.case !== "connection") throw new OmError("internal.error", reasonText("controller_no_test"));
      const { ok, message, milliseconds: took } = answer.value;
      return { ok, message, milliseconds: took };
    },

    setHostKeyPolicy: (policy, actor) => askConnected(actor, { case: "setHostKeyPolicy", value: { policy } }),
    forgetHostKey: (address, port, actor) => askConnected(actor, { case: "forgetHostKey", value: { address, port } }),

    async discoverHosts(controller, engine, actor) {
      return discoveredHosts(await askOne(controller, actor, { case: "discoverHosts", value: { engine } }));
    },
    async hostKeys(controller, engine, actor) {
      return hostKeyList(await askOne(controller, actor, { case: "listHostKeys", value: { engine } }));
    },
    async changeHostKey(controller, change, actor) {
      await askOne(controller, actor, { case: "changeHostKey", value: change });
    },

    async probeEngines(controller) {
      const links = register.links().filter((link) => controller === undefined || link.controller === controller);
      await Promise.all(
        links.map(async (link) => {
          const { answer } = await link.ask("", { case: "probeEngines", value: {} }, milliseconds);
          if (answer.case === "engines") register.probed(link, answer.value.engines);
        }),
      );
      return await register.statuses();
    },
  };
}
