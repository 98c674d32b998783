import type { MessageInitShape } from "@bufbuild/protobuf";
import type { DiscoveredHost, Engine } from "../contract/engine.ts";
import { OmError } from "../contract/errors.ts";
import type { ChangeHostKey, DiscoveredHostsSchema, HostKeyListSchema } from "../contract/link/controller_pb.ts";
import { reasonText } from "../contract/reasons.ts";

/** What is asked of an engine's own system (an Ansible inventory, Salt's master, certmaster); no run. */

/** An answer is one message: */
const mostHosts = 100_000;
const mostFactBytes = 8 * 1024 * 1024;
/** A master of ten thousand minions takes its time. */
export const engineRequestMilliseconds = 60_000;

/** Facts beyond 8 MiB in all are left out and counted. Throws `engine.unusable` when there is nothing to ask. */
export async function discoverHosts(
  engine: Engine | undefined,
): Promise<MessageInitShape<typeof DiscoveredHostsSchema>> {
  if (engine?.hostSource === undefined) throw unable(engine, "engine_no_hosts");
  const found = await engine.hostSource.discover(AbortSignal.timeout(engineRequestMilliseconds));
  if (found.length > mostHosts) {
    throw new OmError(
      "engine.unusable",
      reasonText("engine_too_many", { engine: engine.manifest.id, count: found.length, most: mostHosts }),
    );
  }
  let factBytes = 0;
  let withoutFacts = 0;
  const hosts = found.map((host) => {
    const facts = factsOf(host);
    if (factBytes + facts.byteLength > mostFactBytes) {
      withoutFacts += 1;
      return { ...plain(host), facts: new Uint8Array() };
    }
    factBytes += facts.byteLength;
    return { ...plain(host), facts };
  });
  return { hosts, withoutFacts };
}

export async function listHostKeys(engine: Engine | undefined): Promise<MessageInitShape<typeof HostKeyListSchema>> {
  if (engine?.keyring === undefined) throw unable(engine, "engine_no_keys");
  const keys = await engine.keyring.list(AbortSignal.timeout(engineRequestMilliseconds));
  return { keys: keys.map(({ name, state }) => ({ name, state })) };
}

export async function changeHostKey(engine: Engine | undefined, { name, action }: ChangeHostKey): Promise<void> {
  if (engine?.keyring === undefined) throw unable(engine, "engine_no_keys");
  if (action !== "accept" && action !== "reject" && action !== "delete") {
    throw new OmError("request.invalid", reasonText("key_actions"));
  }
  await engine.keyring.change(name, action, AbortSignal.timeout(engineRequestMilliseconds));
}

function unable(engine: Engine | undefined, code: "engine_no_hosts" | "engine_no_keys"): OmError {
  return engine === undefined
    ? new OmError("engine.unusable", reasonText("engine_absent"))
    : new OmError("engine.unusable", reasonText(code, { engine: engine.manifest.id }));
}

function plain({ name, address = "", port = 0, user = "", os = "", groups }: DiscoveredHost) {
  return { name, address, port, user, os, groups: [...groups] };
}

function factsOf({ facts }: DiscoveredHost): Uint8Array {
  return facts === undefined ? new Uint8Array() : new TextEncoder().encode(JSON.stringify(facts));
}
