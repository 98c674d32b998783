import type { MessageInitShape } from "@bufbuild/protobuf";
import type { EngineId } from "../../contract/engine.ts";
import { naturalKey } from "../../contract/host-range.ts";
import type { PlannedHostSchema } from "../../contract/link/controller_pb.ts";
import { reasonText } from "../../contract/reasons.ts";
import { parseJumpHosts } from "./jump-hosts.ts";

/** A host as planning needs it; the store's `Host` is one. */
export interface PlannableHost {
  readonly id: number;
  readonly name: string;
  readonly appCategoryId: number;
  readonly outerAddress: string;
  readonly innerAddress: string;
  readonly port: number;
  /** In order of preference. */
  readonly engines: readonly EngineId[];
  readonly user: string;
  readonly credential: string;
  readonly proxyJump: string;
  readonly enabled: boolean;
  /** Empty or left out for that of its category. */
  readonly zone?: string;
  /** False: nothing of what it runs is kept on it. Left out: true. */
  readonly claim?: boolean;
}

export interface PlacedHost {
  readonly position: number;
  readonly host: PlannableHost;
  /** The one of the host's engines that is taken; the first preference of a skipped host. */
  readonly engine: EngineId;
  readonly address: string;
  readonly wave: number;
  readonly skipped?: string;
}

/** And what the controller is told of it; nothing of one that is skipped. */
type HostInPlan = PlacedHost & { readonly inPlan?: MessageInitShape<typeof PlannedHostSchema> };

export interface Placing {
  readonly hosts: readonly PlannableHost[];
  /** Hosts in a wave; left out: all in one. */
  readonly waveSize?: number;
  /** Whether the host's controller can use the engine; undefined where that is not known. */
  readonly canUse?: (host: PlannableHost, engine: EngineId) => boolean | undefined;
}

/**
 * Which hosts take part, by which engine and in which wave, in the natural order of their names. `problems`: why an engine
 * cannot run the module.
 */
export function placedHosts(placing: Placing, problems: ReadonlyMap<EngineId, string>): HostInPlan[] {
  let running = 0;
  return sortedByName(placing.hosts).map((host, position) => {
    const engine = chooseEngine(host, problems, placing.canUse);
    const address = addressOf(host, engine);
    const jumps = parseJumpHosts(host.proxyJump);
    const skipped = skipReason(host, address, engineProblem(host, problems), jumps);
    if (skipped !== undefined || "message" in jumps) {
      return { position, host, engine, address: address ?? "", wave: 0, skipped: skipped ?? "" };
    }
    const wave = placing.waveSize === undefined ? 0 : Math.floor(running / placing.waveSize);
    running += 1;
    const { name, port, user, credential } = host;
    const jumpHosts = jumps.map((jump) => ({ ...jump, credential }));
    const planned = {
      position,
      name,
      address: address ?? "",
      port,
      engine,
      user,
      credential,
      jumps: jumpHosts,
      wave,
      unclaimed: host.claim === false,
    };
    return { position, host, engine, address: address ?? "", wave, inPlan: planned };
  });
}

function chooseEngine(
  host: PlannableHost,
  problems: ReadonlyMap<EngineId, string>,
  canUse: Placing["canUse"],
): EngineId {
  const able = host.engines.filter((engine) => !problems.has(engine));
  return (
    able.find((engine) => canUse?.(host, engine) === true) ??
    able.find((engine) => canUse?.(host, engine) === undefined) ??
    able[0] ??
    host.engines[0] ??
    "ssh"
  );
}

/** Why none of the host's engines can do it; undefined when one can. */
function engineProblem(host: PlannableHost, problems: ReadonlyMap<EngineId, string>): string | undefined {
  const own = host.engines.map((engine) => problems.get(engine));
  return own.every((problem) => problem !== undefined) ? own.join(" ") : undefined;
}

function skipReason(
  host: PlannableHost,
  address: string | undefined,
  engineProblem: string | undefined,
  jumps: ReturnType<typeof parseJumpHosts>,
): string | undefined {
  if (!host.enabled) return reasonText("host_disabled");
  if (engineProblem !== undefined) return engineProblem;
  if (address === undefined) return reasonText("host_without_address");
  if ("message" in jumps) return reasonText("jump_hosts_unreadable", { detail: jumps.message });
  return undefined;
}

/** Engines that find a host by its name, or run on the controller itself, do without an address. */
const namedEngines: ReadonlySet<EngineId> = new Set<EngineId>(["local", "mock", "salt"]);

/** Where the host is reached: its inner address, else its outer one; undefined when there is none and one is needed. */
export function addressOf(
  host: Pick<PlannableHost, "name" | "innerAddress" | "outerAddress">,
  engine: EngineId,
): string | undefined {
  return host.innerAddress || host.outerAddress || (namedEngines.has(engine) ? host.name : undefined);
}

function sortedByName(hosts: readonly PlannableHost[]): readonly PlannableHost[] {
  return hosts
    .map((host) => ({ host, key: naturalKey(host.name) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.host.id - b.host.id))
    .map(({ host }) => host);
}
