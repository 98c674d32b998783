import type { EngineHost } from "../../contract/engine.ts";
import type { PlannedHost } from "../../contract/link/controller_pb.ts";

/** A host of an order as engines take it. Where none is named, the default credential stands in, if there is one. */
export function engineHost(host: PlannedHost, defaultCredential: string | undefined): EngineHost {
  return {
    position: host.position,
    name: host.name,
    address: host.address,
    port: host.port,
    ...account(host, defaultCredential),
    ...(host.unclaimed ? { unclaimed: true } : {}),
    jumps: host.jumps.map((jump) => ({ address: jump.address, port: jump.port, ...account(jump, defaultCredential) })),
  };
}

function account(
  named: { readonly user: string; readonly credential: string },
  defaultCredential: string | undefined,
): { user?: string; credential?: string } {
  const credential = named.credential === "" ? defaultCredential : named.credential;
  return { ...(named.user === "" ? {} : { user: named.user }), ...(credential === undefined ? {} : { credential }) };
}
