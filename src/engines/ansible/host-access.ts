import { access, readFile } from "node:fs/promises";
import type { Server } from "node:net";
import { userInfo } from "node:os";
import type { Credential } from "../../contract/credential.ts";
import type { EngineContext, EngineHost } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { JobFolder } from "./job-folder.ts";
import { type AgentKey, readKey, serveKey } from "./key-agent.ts";

/** How `ssh` gets into one host or jump host. `alias` is its name for `ssh`, in control sockets and prompts. */
export interface Hop {
  readonly alias: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly login: Login;
}

export type Login =
  /** A socket of an SSH agent: one of ours that holds the key, or one that the credential names. */
  | { readonly kind: "agent"; readonly socket: string }
  | { readonly kind: "password"; readonly password: string }
  /** What `ssh` itself would try. */
  | { readonly kind: "default" };

export interface ReachableHost {
  readonly host: EngineHost;
  readonly target: Hop;
  /** Outermost first. */
  readonly jumps: readonly Hop[];
  readonly becomePassword?: string;
}

interface Ready {
  readonly user?: string;
  readonly becomePassword?: string;
  readonly login: Login;
}

/**
 * The ways into the hosts of one start of Ansible: each credential is asked for once, and its key is served by an agent
 * in this process for as long as Ansible runs.
 */
export class HostAccess {
  readonly #context: EngineContext;
  readonly #folder: JobFolder;
  readonly #ready = new Map<string | undefined, Promise<Ready | string>>();
  readonly #servers: Server[] = [];
  readonly #jumps = new Map<string, Hop>();

  constructor(context: EngineContext, folder: JobFolder) {
    this.#context = context;
    this.#folder = folder;
  }

  /** A sentence when the host cannot be tried at all. Never rejects. */
  async reach(host: EngineHost): Promise<ReachableHost | string> {
    const jumps: Hop[] = [];
    for (const jump of host.jumps) {
      const hop = await this.#jump(jump);
      if (typeof hop === "string") return hop;
      jumps.push(hop);
    }
    const ready = await this.#prepare(host.credential);
    if (typeof ready === "string") return ready;
    const target = hopOf(`om-${host.position}`, host, ready);
    if (typeof target === "string") return target;
    const { becomePassword } = ready;
    return { host, target, jumps, ...(becomePassword === undefined ? {} : { becomePassword }) };
  }

  /** All jump hosts that were met. */
  jumps(): readonly Hop[] {
    return [...this.#jumps.values()];
  }

  close(): void {
    for (const server of this.#servers) server.close();
  }

  async #jump(jump: EngineHost["jumps"][number]): Promise<Hop | string> {
    const key = JSON.stringify([jump.address, jump.port, jump.user, jump.credential]);
    const known = this.#jumps.get(key);
    if (known !== undefined) return known;
    const ready = await this.#prepare(jump.credential);
    if (typeof ready === "string") return ready;
    const hop = hopOf(`om-jump-${this.#jumps.size}`, jump, ready);
    if (typeof hop !== "string") this.#jumps.set(key, hop);
    return hop;
  }

  #prepare(name: string | undefined): Promise<Ready | string> {
    const known = this.#ready.get(name);
    if (known !== undefined) return known;
    const made = this.#make(name).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      return reasonText("credential_unusable", { credential: name ?? "", detail: reason });
    });
    this.#ready.set(name, made);
    return made;
  }

  async #make(name: string | undefined): Promise<Ready> {
    if (name === undefined) {
      const socket = process.env.SSH_AUTH_SOCK;
      const there = socket !== undefined && socket !== "" && (await exists(socket));
      return { login: there ? { kind: "agent", socket } : { kind: "default" } };
    }
    const credential = await this.#context.credential(name);
    const { user } = credential;
    // sudo asks for the account's own password, which is the one that signs in.
    const becomePassword =
      credential.becomePassword ?? (credential.kind === "password" ? credential.password : undefined);
    return {
      ...(user === undefined ? {} : { user }),
      ...(becomePassword === undefined ? {} : { becomePassword }),
      login: await this.#login(credential),
    };
  }

  async #login(credential: Credential): Promise<Login> {
    switch (credential.kind) {
      case "key":
        return await this.#serve(readKey(credential.privateKey, credential.passphrase, credential.certificate));
      case "key_file": {
        const { path, passphrase, certificatePath } = credential;
        const certificate = certificatePath === undefined ? undefined : await readFile(certificatePath, "utf8");
        return await this.#serve(readKey(await readFile(path, "utf8"), passphrase, certificate));
      }
      case "agent": {
        const socket = credential.socket ?? process.env.SSH_AUTH_SOCK;
        if (socket === undefined || socket === "") {
          throw new Error(reasonText("ssh_agent_none_short"));
        }
        if (!/^\/[^\p{Cc}"%$]+$/u.test(socket)) throw new Error(reasonText("ansible_socket", { socket }));
        return { kind: "agent", socket };
      }
      case "password":
        return { kind: "password", password: credential.password };
    }
  }

  async #serve(key: AgentKey): Promise<Login> {
    const socket = this.#folder.at("a", String(this.#servers.length));
    const server = serveKey(socket, key);
    this.#servers.push(await server);
    return { kind: "agent", socket };
  }
}

function hopOf(
  alias: string,
  place: { readonly address: string; readonly port: number; readonly user?: string },
  ready: Ready,
): Hop | string {
  const user = place.user ?? ready.user ?? userInfo().username;
  if (!/^[A-Za-z0-9:._][A-Za-z0-9:._%-]{0,254}$/.test(place.address)) {
    return reasonText("engine_no_address", { address: place.address.slice(0, 60) });
  }
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,127}\$?$/.test(user)) {
    return reasonText("engine_no_account", { user: user.slice(0, 60) });
  }
  return { alias, address: place.address, port: place.port, user, login: ready.login };
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
