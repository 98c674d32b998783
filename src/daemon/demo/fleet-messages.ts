/** What goes between the fleet and its processes. */

export interface ProcessHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** OpenSSH's PEM. */
  readonly privateKey: string;
}

/** What the hosts of a process do with a command. */
export type Behaviour =
  | {
      readonly kind: "run";
      /** Each host's home folder is a folder of this one. */
      readonly homes: string;
      /** Commands see the host's own name, in a UTS namespace. */
      readonly ownHostName: boolean;
      /** Commands at once; the others wait for their turn. */
      readonly mostCommands: number;
    }
  | { readonly kind: "reply"; readonly reply: CannedReply };

export interface CannedReply {
  readonly stdout?: string | Uint8Array;
  readonly stderr?: string | Uint8Array;
  /** Default 0. */
  readonly exitCode?: number;
}

export interface StartMessage {
  readonly kind: "start";
  readonly hosts: readonly ProcessHost[];
  readonly user: string;
  /** Public key of the one user, `ssh-ed25519 AAAA…`. */
  readonly userKey: string;
  readonly behaviour: Behaviour;
}

export type FleetMessage =
  | { readonly kind: "listening"; readonly hosts: number }
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly code: string; readonly address: string; readonly port: number };
