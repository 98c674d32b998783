import type { X509Certificate } from "node:crypto";
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { certificateName } from "../../contract/link/certificate-name.ts";

/** What a call must come with: a controller's certificate that is still good, or none and an invitation in the call. */
type Admission = "controller" | "invitation";

/** Every call that there is, by hand; one that does not stand here is refused. */
const admissions: Readonly<Record<string, Admission>> = {
  "omserver.link.v1.LinkService/Attach": "controller",
  "omserver.link.v1.LinkService/Renew": "controller",
  "omserver.link.v1.EnrolmentService/Enrol": "invitation",
};

export interface Caller {
  /** Whether the handshake ended with a certificate of the own authority, in its time and for clients. */
  readonly verified: boolean;
  readonly certificate: X509Certificate | undefined;
}

/** A controller by its certificate. */
export interface Peer {
  readonly controller: string;
  /** Lower-case hexadecimal. */
  readonly serial: string;
}

/** Whether this certificate is (still) good; asked at every handshake and every call. Rejects when that cannot be known. */
export type CheckPeer = (peer: Peer) => Promise<boolean>;

/** Throws a ConnectError that is the answer to who may not call the method. Undefined for a call with an invitation. */
export async function admit(method: DescMethod, caller: Caller, check: CheckPeer): Promise<Peer | undefined> {
  const needed = admissions[`${method.parent.typeName}/${method.name}`];
  const { certificate } = caller;
  switch (needed) {
    case "invitation":
      if (certificate === undefined) return undefined;
      throw refusal("This call is for controllers that have no certificate yet.");
    case "controller": {
      if (certificate === undefined) throw refusal("This call needs a controller's certificate. Enrol the controller.");
      const peer = peerOf(caller);
      if (peer !== undefined && (await isGood(peer, check))) return peer;
      throw refusal("The certificate is revoked, expired or not a controller's. Enrol the controller again.");
    }
    case undefined:
      throw refusal("There is no such call.");
  }
}

export function peerOf({ certificate, verified }: Caller): Peer | undefined {
  if (certificate === undefined || !verified) return undefined;
  const name = certificateName(certificate.subjectAltName);
  if (name?.role !== "controller") return undefined;
  return { controller: name.name, serial: certificate.serialNumber.toLowerCase() };
}

async function isGood(peer: Peer, check: CheckPeer): Promise<boolean> {
  try {
    return await check(peer);
  } catch (error) {
    throw new ConnectError(
      "Certificates cannot be checked just now. Try again.",
      Code.Unavailable,
      undefined,
      undefined,
      error,
    );
  }
}

function refusal(message: string): ConnectError {
  return new ConnectError(message, Code.PermissionDenied);
}
