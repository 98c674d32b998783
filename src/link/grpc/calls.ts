import { createHash, type X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { OmError } from "../../contract/errors.ts";
import { EnrolmentService, type EnrolResponse } from "../../contract/link/link_pb.ts";
import { openConnection } from "./connection.ts";
import { defaultKeepAlive } from "./keep-alive.ts";

export interface EnrolmentCall {
  /** `https://host:port`. */
  readonly server: string;
  /** SHA-256 of the authority's certificate (DER), hexadecimal. */
  readonly authoritySha256: string;
  readonly token: string;
  /** PKCS #10, DER. */
  readonly signingRequest: Uint8Array;
}

const probeMilliseconds = 10_000;

/**
 * Trades an invitation for a certificate. The token is sent only to a server whose certificate comes from the authority
 * of this hash: the first connection merely fetches the authority's certificate, the second is held to it.
 * Rejects with `controller.unreachable`, or `access.denied` when the server refuses.
 */
export async function requestEnrolment(call: EnrolmentCall): Promise<{ authority: string; response: EnrolResponse }> {
  const authority = await fetchAuthority(call);
  const connection = await openConnection(call.server, { authority }, defaultKeepAlive, AbortSignal.timeout(30_000));
  try {
    const client = createClient(EnrolmentService, connection.transport);
    const { token, signingRequest } = call;
    const response = await client.enrol({ token, signingRequest }, { timeoutMs: 30_000 });
    return { authority, response };
  } catch (error) {
    throw callError(error);
  } finally {
    connection.close();
  }
}

/** The certificate, in what the server shows, that has this hash. Nothing is sent to a server that cannot show it. */
function fetchAuthority({ server, authoritySha256 }: EnrolmentCall): Promise<string> {
  const { hostname, port } = new URL(server);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port === "" ? 443 : port),
      // Nobody is trusted here: the hash decides.
      rejectUnauthorized: false,
      minVersion: "TLSv1.3",
      ALPNProtocols: ["h2"],
      timeout: probeMilliseconds,
    });
    function fail(reason: string, cause?: unknown): void {
      socket.destroy();
      reject(
        new OmError("controller.unreachable", `The web server at ${server} cannot be used: ${reason}.`, { cause }),
      );
    }
    socket.once("timeout", () => fail(`no answer within ${probeMilliseconds / 1000} s`));
    socket.once("error", (error) => fail(error.message, error));
    socket.once("secureConnect", () => {
      const shown = shownCertificates(socket.getPeerX509Certificate());
      const found = shown.find((certificate) => sha256(certificate) === authoritySha256.toLowerCase());
      if (found === undefined) {
        fail(
          "it does not show the authority that the invitation names. Somebody may stand between, or it was installed anew: ask for a new invitation",
        );
        return;
      }
      socket.destroy();
      resolve(found.toString());
    });
  });
}

function shownCertificates(leaf: X509Certificate | undefined): X509Certificate[] {
  const shown: X509Certificate[] = [];
  for (let at = leaf; at !== undefined && shown.length < 8; at = at.issuerCertificate) shown.push(at);
  return shown;
}

function sha256(certificate: X509Certificate): string {
  return createHash("sha256").update(certificate.raw).digest("hex");
}

/** What the web server answered, as an error of the catalogue. */
export function callError(error: unknown): OmError {
  const { code, rawMessage } = ConnectError.from(error);
  switch (code) {
    case Code.PermissionDenied:
      return new OmError("access.denied", rawMessage, { cause: error });
    case Code.ResourceExhausted:
      return new OmError("request.too_many", rawMessage, { cause: error });
    case Code.Unavailable:
    case Code.Internal:
      return new OmError("controller.unreachable", rawMessage, { cause: error });
    default:
      return new OmError("controller.unreachable", `The connection to the web server was lost: ${rawMessage}.`, {
        cause: error,
      });
  }
}
