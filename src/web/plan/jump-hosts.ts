import { address, userName } from "../../contract/http/schemas/fields.ts";
import { reasonText } from "../../contract/reasons.ts";

export interface JumpAddress {
  readonly user: string;
  readonly address: string;
  readonly port: number;
}

/** A list of jump hosts that cannot be read: `offset` counts UTF-16 units from its start. */
export interface JumpFault {
  readonly offset: number;
  readonly message: string;
}

/**
 * Reads `user@address:port,…`, outermost first, as OpenSSH writes ProxyJump: user and port may be left out (port 22),
 * IPv6 stands in brackets when a port follows. Empty text and `none` are no jump hosts; at most 8.
 */
export function parseJumpHosts(text: string): readonly JumpAddress[] | JumpFault {
  if (text.trim() === "" || text.trim() === "none") return [];
  const jumps: JumpAddress[] = [];
  let offset = 0;
  for (const part of text.split(",")) {
    const jump = parseJump(part.trim());
    if (typeof jump === "string") return { offset, message: jump };
    if (jumps.push(jump) > 8) return { offset, message: reasonText("jumps_many") };
    offset += part.length + 1;
  }
  return jumps;
}

function parseJump(text: string): JumpAddress | string {
  const match = /^(?:ssh:\/\/)?(?:([^@]*)@)?(?:\[([^\]]*)\]|([^:[\]]*)|([^[\]]*))(?::([^:[\]]*))?$/.exec(text);
  const host = match?.[2] ?? match?.[3] ?? match?.[4] ?? "";
  const user = match?.[1] ?? "";
  const port = match?.[5] ?? "22";
  if (match === null || !address.safeParse(host).success || host === "") {
    return reasonText("jump_no_host", { text });
  }
  if (!userName.safeParse(user).success) return reasonText("jump_no_user", { user });
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) return reasonText("jump_no_port", { port });
  return { user, address: host, port: Number(port) };
}
