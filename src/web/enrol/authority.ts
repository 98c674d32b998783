import "reflect-metadata";
import { createHash, createPrivateKey, type KeyObject, randomBytes, webcrypto } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { OmError } from "../../contract/errors.ts";
import { type CertificateName, certificateUri } from "../../contract/link/certificate-name.ts";
import { writeOnce } from "./write-once.ts";

/** Certificates of controllers and of the web server itself end after so long; they are renewed at two thirds of it. */
export const certificateMilliseconds = 30 * 24 * 3_600_000;
const authorityMilliseconds = 20 * 365 * 24 * 3_600_000;
/** Certificates begin so much earlier than they are made: a clock that is set right by a day must not end a link. */
const backdatedMilliseconds = 2 * 24 * 3_600_000;

const keyAlgorithm = { name: "ECDSA", namedCurve: "P-256" };
const signingAlgorithm = { name: "ECDSA", hash: "SHA-256" };

export interface IssuedCertificate {
  /** DER. */
  readonly certificate: Uint8Array;
  /** Lower-case hexadecimal. */
  readonly serial: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** In PEM; the certificate with the authority's behind it. */
export interface WebIdentity {
  readonly key: string;
  readonly certificate: string;
  readonly authority: string;
  readonly expiresAt: number;
}

/** OMServer's own certificate authority: it makes certificates for this installation's link, and for nothing else. */
export interface Authority {
  /** SHA-256 of its certificate (DER), hexadecimal: what a controller is told to trust. */
  readonly sha256: string;
  /** A certificate for a client of this name. Of the request only its public key is taken. `request.invalid` for none. */
  issue(name: string, signingRequest: Uint8Array): Promise<IssuedCertificate>;
  /** A new key and certificate for the web server. */
  issueWeb(): Promise<WebIdentity>;
}

/**
 * Reads the authority from the folder or, at the first start, makes it: an ECDSA P-256 key of its own, mode 0600. Two
 * processes that start at once come to the same one. `config.invalid` when what is there cannot be read.
 */
export async function openAuthority(folder: string, clock: () => number = Date.now): Promise<Authority> {
  const file = join(folder, "link-authority.pem");
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeOnce(file, await newAuthority(clock()));
  }
  try {
    const pem = readFileSync(file, "utf8");
    const certificate = new x509.X509Certificate(pem.slice(pem.indexOf("-----BEGIN CERTIFICATE")));
    const signingKey = await importKey(createPrivateKey(pem));
    return createAuthority(certificate, signingKey, clock);
  } catch (cause) {
    throw new OmError(
      "config.invalid",
      `The link's certificate authority ${file} cannot be read. Restore it from a backup; without it every controller must be enrolled again.`,
      { cause },
    );
  }
}

async function newAuthority(now: number): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: "CN=OMServer link authority",
    notBefore: new Date(now - backdatedMilliseconds),
    notAfter: new Date(now + authorityMilliseconds),
    signingAlgorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return `${await exportKey(keys.privateKey)}${certificate.toString("pem")}\n`;
}

function createAuthority(root: x509.X509Certificate, signingKey: webcrypto.CryptoKey, clock: () => number): Authority {
  async function sign(name: CertificateName, publicKey: x509.PublicKeyType, usage: x509.ExtendedKeyUsage) {
    const issuedAt = clock();
    // Whole seconds are all that a certificate can say.
    const expiresAt = Math.floor((issuedAt + certificateMilliseconds) / 1000) * 1000;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: newSerial(),
      subject: [{ CN: [name.role === "web" ? "OMServer web server" : name.name] }],
      issuer: root.subject,
      notBefore: new Date(issuedAt - backdatedMilliseconds),
      notAfter: new Date(expiresAt),
      signingAlgorithm,
      publicKey,
      signingKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([usage], true),
        new x509.SubjectAlternativeNameExtension([{ type: "url", value: certificateUri(name) }]),
        await x509.AuthorityKeyIdentifierExtension.create(root),
      ],
    });
    return { certificate, serial: certificate.serialNumber.toLowerCase(), issuedAt, expiresAt };
  }

  return {
    sha256: createHash("sha256").update(Buffer.from(root.rawData)).digest("hex"),
    async issue(name, signingRequest) {
      const publicKey = await publicKeyOf(signingRequest);
      const { certificate, ...rest } = await sign(
        { role: "controller", name },
        publicKey,
        x509.ExtendedKeyUsage.clientAuth,
      );
      return { certificate: new Uint8Array(certificate.rawData), ...rest };
    },
    async issueWeb() {
      const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
      const { certificate, expiresAt } = await sign({ role: "web" }, keys.publicKey, x509.ExtendedKeyUsage.serverAuth);
      const authority = `${root.toString("pem")}\n`;
      return {
        key: await exportKey(keys.privateKey),
        certificate: `${certificate.toString("pem")}\n${authority}`,
        authority,
        expiresAt,
      };
    },
  };
}

/** Proves first that who asks holds the private key. */
async function publicKeyOf(signingRequest: Uint8Array): Promise<x509.PublicKey> {
  try {
    const request = new x509.Pkcs10CertificateRequest(Buffer.from(signingRequest));
    const { name, namedCurve } = request.publicKey.algorithm as { name: string; namedCurve?: string };
    if (name === "ECDSA" && namedCurve === "P-256" && (await request.verify())) return request.publicKey;
  } catch {
    // Not a signing request at all.
  }
  throw new OmError("request.invalid", "The signing request is not one for an ECDSA P-256 key, signed by that key.");
}

/** 127 random bits, positive. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

function importKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const der = key.export({ type: "pkcs8", format: "der" });
  return webcrypto.subtle.importKey("pkcs8", der, keyAlgorithm, false, ["sign"]);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  return createPrivateKey({ key: der, type: "pkcs8", format: "der" })
    .export({ type: "pkcs8", format: "pem" })
    .toString();
}
