import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import type { AnyAuthMethod, ParsedKey } from "ssh2";
import { reasonText } from "../../contract/reasons.ts";
import { agentWithCertificates } from "./agent.ts";
import { withCertificate } from "./certificate.ts";
import type { Secret } from "./messages.ts";
import { UnusableCredential } from "./reasons.ts";
import type { Ssh2 } from "./tuned-ssh2.ts";

/** Ways to sign in, in the order to try, for any user. Parsed once and kept: parsing costs more than a handshake. */
export type SignIn = (user: string) => AnyAuthMethod[];

const hashes: Readonly<Record<string, string | null>> = {
  "ssh-ed25519": null,
  "ecdsa-sha2-nistp256": "sha256",
  "ecdsa-sha2-nistp384": "sha384",
  "ecdsa-sha2-nistp521": "sha512",
  "ssh-rsa": "sha512",
};

/** Throws {@link UnusableCredential}. */
export function prepareSignIn(ssh2: Ssh2, secret: Secret): SignIn {
  switch (secret.kind) {
    case "key": {
      const key = parsePrivateKey(ssh2, secret.privateKey, secret.passphrase);
      const certified = secret.certificate === undefined ? undefined : withCertificate(key, secret.certificate);
      return (username) =>
        [certified, key]
          .filter((each) => each !== undefined)
          .map((each) => ({ type: "publickey", username, key: each as never }));
    }
    case "agent": {
      const { socket } = secret;
      return (username) => [{ type: "agent", username, agent: agentWithCertificates(ssh2, socket) }];
    }
    case "password": {
      const { password } = secret;
      return (username) => [
        { type: "password", username, password },
        {
          type: "keyboard-interactive",
          username,
          prompt(_name, _instructions, _language, prompts, answer) {
            // Only a question that hides its answer asks for the password.
            answer(prompts.map((prompt) => (prompt.echo === false ? password : "")));
          },
        },
      ];
    }
    case "any": {
      const ways = secret.secrets.flatMap((each) => {
        try {
          return [prepareSignIn(ssh2, each)];
        } catch {
          return [];
        }
      });
      return (username) => ways.flatMap((way) => way(username));
    }
  }
}

function parsePrivateKey(ssh2: Ssh2, text: string, passphrase: string | undefined): ParsedKey {
  const parsed = ssh2.utils.parseKey(text, passphrase);
  if (parsed instanceof Error) {
    if (/no passphrase/i.test(parsed.message)) {
      throw new UnusableCredential(reasonText("key_encrypted"));
    }
    if (/integrity|passphrase|decrypt/i.test(parsed.message)) {
      throw new UnusableCredential(reasonText("key_passphrase_wrong"));
    }
    throw new UnusableCredential(reasonText("ssh_key_unreadable", { detail: parsed.message }));
  }
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || !key.isPrivateKey()) {
    throw new UnusableCredential(reasonText("ssh_public_key"));
  }
  return withKeptSigner(key);
}

/** ssh2 hands OpenSSL the PEM text at every signature; a KeyObject made once signs in a fraction of the time. */
function withKeptSigner(key: ParsedKey): ParsedKey {
  let signer: KeyObject;
  try {
    signer = createPrivateKey(key.getPrivatePEM());
  } catch {
    return key;
  }
  const byDefault = hashes[key.type];
  if (byDefault === undefined) return key;
  key.sign = (data, algorithm) =>
    sign(algorithm ?? byDefault, typeof data === "string" ? Buffer.from(data) : data, signer);
  return key;
}
