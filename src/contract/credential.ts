/**
 * A way into hosts. It lives on the controller only, encrypted at rest; the web server knows its name and kind.
 * Secrets are write-only: no route, log, event or command line ever carries one back.
 */
export type Credential =
  | {
      readonly kind: "key";
      readonly user?: string;
      readonly privateKey: string;
      readonly passphrase?: string /** OpenSSH user certificate, the text of `id_…-cert.pub`. */;
      readonly certificate?: string;
      readonly becomePassword?: string;
    }
  | {
      readonly kind: "key_file";
      readonly user?: string /** Path on the controller. */;
      readonly path: string;
      readonly passphrase?: string;
      readonly certificatePath?: string;
      readonly becomePassword?: string;
    }
  | {
      readonly kind: "agent";
      readonly user?: string /** Path of the agent's socket; default `SSH_AUTH_SOCK`. */;
      readonly socket?: string;
      readonly becomePassword?: string;
    }
  | { readonly kind: "password"; readonly user?: string; readonly password: string; readonly becomePassword?: string };

export const credentialKinds = [
  "key",
  "key_file",
  "agent",
  "password",
] as const satisfies readonly Credential["kind"][];
export type CredentialKind = Credential["kind"];
