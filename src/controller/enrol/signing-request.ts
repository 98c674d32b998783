import "reflect-metadata";
import { createPrivateKey, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

export interface SigningRequest {
  /** The new private key, PEM; it never leaves this machine. */
  readonly key: string;
  /** PKCS #10, DER. */
  readonly request: Uint8Array;
}

/** A new ECDSA P-256 key, and the request to have it certified. Names are the web server's to give: the request has none. */
export async function createSigningRequest(): Promise<SigningRequest> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: "CN=OMServer controller",
    keys,
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const key = createPrivateKey({ key: der, type: "pkcs8", format: "der" }).export({ type: "pkcs8", format: "pem" });
  return { key: key.toString(), request: new Uint8Array(request.rawData) };
}
