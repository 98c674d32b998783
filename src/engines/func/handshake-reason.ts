import { connect } from "node:net";
import { reasonText } from "../../contract/reasons.ts";

/**
 * Why a minion could not be spoken to, in a clause that says what to do. Where TLS itself failed, a bare greeting asks
 * what the other side speaks at all: the very oldest minions know SSL 3.0 only, which no TLS of today can.
 */
export async function handshakeReason(
  minion: { readonly address: string; readonly port: number },
  error: unknown,
): Promise<string> {
  const text = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (
    /UNSUPPORTED_PROTOCOL|WRONG_VERSION|PROTOCOL_VERSION|HANDSHAKE_FAILURE|EPROTO|NO_PROTOCOLS|ECONNRESET/.test(code)
  ) {
    const spoken = await spokenVersion(minion);
    if (spoken === "SSL 3.0") return oldestReason;
    if (spoken === "TLS 1.0" || spoken === "TLS 1.1") {
      return reasonText("func_tls", { spoken });
    }
  }
  if (/SMALL|TOO_WEAK|CA_MD|KEY_TOO/i.test(`${code} ${text}`)) {
    return reasonText("func_weak_certificate", { detail: clause(text) });
  }
  if (refusesUs(error)) {
    return reasonText("func_own_certificate", { detail: clause(text) });
  }
  switch (code) {
    case "ECONNREFUSED":
      return reasonText("func_not_listening");
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return reasonText("func_no_way");
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return reasonText("func_no_address");
    case "CERT_HAS_EXPIRED":
      return reasonText("func_certificate_expired");
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "CERT_SIGNATURE_FAILURE":
      return reasonText("func_certificate_stranger");
    default:
      return clause(text);
  }
}

/** An alert of TLS that is sent for a certificate alone, before anything of a request is read (RFC 8446, 6.2). */
export function refusesUs(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /ALERT_(?:(?:BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)$/.test(code);
}

const oldestReason =
  "it speaks SSL 3.0 only, which is broken (CVE-2014-3566) and which no current OpenSSL can speak. " +
  "Upgrade it: on that host install a Func and pyOpenSSL that offer TLS (func 0.28 with pyOpenSSL 0.13 or later), or move the host to another engine such as ssh";

function clause(text: string): string {
  return text
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\s]+/g, " ")
    .replace(/[. ]+$/, "")
    .slice(0, 300);
}

type Spoken = "SSL 3.0" | "TLS 1.0" | "TLS 1.1" | "TLS 1.2";
const versions: Readonly<Record<number, Spoken>> = { 0: "SSL 3.0", 1: "TLS 1.0", 2: "TLS 1.1", 3: "TLS 1.2" };
const patienceMilliseconds = 3000;

/** The protocol that it answers a greeting of TLS 1.2, else of SSL 3.0, with; undefined when it answers neither. */
export async function spokenVersion(minion: {
  readonly address: string;
  readonly port: number;
}): Promise<Spoken | undefined> {
  return (await greet(minion, 3)) ?? (await greet(minion, 0));
}

function greet(
  minion: { readonly address: string; readonly port: number },
  minor: number,
): Promise<Spoken | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: minion.address, port: minion.port });
    let answer = Buffer.alloc(0);
    function end(spoken: Spoken | undefined): void {
      clearTimeout(timer);
      socket.destroy();
      resolve(spoken);
    }
    const timer = setTimeout(() => end(undefined), patienceMilliseconds);
    socket.on("error", () => end(undefined));
    socket.on("close", () => end(undefined));
    socket.on("connect", () => socket.write(clientHello(minor)));
    socket.on("data", (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk.subarray(0, 64)]);
      if (answer.length < 11) return;
      // A handshake record (22) with a ServerHello (2): its version stands behind record header and length.
      end(answer[0] === 22 && answer[5] === 2 && answer[9] === 3 ? versions[answer[10] ?? -1] : undefined);
    });
  });
}

/** RFC 6101 and 5246: a hello of the version 3.`minor`, without extensions, with the suites that old servers have. */
export function clientHello(minor: number): Buffer {
  const suites = Buffer.from([
    0xc0, 0x2f, 0xc0, 0x13, 0x00, 0x9c, 0x00, 0x35, 0x00, 0x2f, 0x00, 0x0a, 0x00, 0x05, 0x00, 0x04,
  ]);
  const random = Buffer.alloc(32, 0x4f);
  const body = Buffer.concat([
    Buffer.from([3, minor]),
    random,
    Buffer.from([0]),
    Buffer.from([0, suites.length]),
    suites,
    Buffer.from([1, 0]),
  ]);
  const handshake = Buffer.concat([Buffer.from([1, 0, 0, body.length]), body]);
  return Buffer.concat([Buffer.from([22, 3, minor === 0 ? 0 : 1, 0, handshake.length]), handshake]);
}
