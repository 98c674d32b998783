import { createHash } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import type { Credential } from "../../contract/credential.ts";
import type { EngineContext, EngineHost } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { Hop, RoutedHost, Secret } from "./messages.ts";

/** A credential made ready: the account and sudo password that it brings, and its secret by name. */
interface Ready {
  readonly user?: string;
  readonly becomePassword?: string;
  readonly secretName: string;
  readonly secret: Secret;
}

/**
 * The credentials of one job, each asked for once. A route is either complete or a sentence that says why the host
 * cannot be started.
 */
export class JobSecrets {
  readonly #context: EngineContext;
  readonly #ready = new Map<string | undefined, Ready | string>();

  constructor(context: EngineContext) {
    this.#context = context;
  }

  /** Makes ready what these hosts and their jump hosts name. Never rejects. */
  async load(hosts: readonly EngineHost[]): Promise<void> {
    const names = new Set(hosts.flatMap((host) => [host.credential, ...host.jumps.map((jump) => jump.credential)]));
    await Promise.all(
      [...names].map(async (name) => {
        if (!this.#ready.has(name)) this.#ready.set(name, await this.#prepare(name));
      }),
    );
  }

  route(host: EngineHost): RoutedHost | string {
    const hops: Hop[] = [];
    let becomePassword: string | undefined;
    for (const step of [...host.jumps, host]) {
      const ready = this.#ready.get(step.credential) ?? reasonText("ssh_credential_not_loaded");
      if (typeof ready === "string") return ready;
      const user = step.user ?? ready.user ?? userInfo().username;
      const problem = addressProblem(step.address) ?? userProblem(user);
      if (problem !== undefined) return problem;
      hops.push({ address: step.address, port: step.port, user, secret: ready.secretName });
      becomePassword = ready.becomePassword;
    }
    const routed = {
      position: host.position,
      name: host.name,
      route: hops,
      ...(host.unclaimed === true ? { unclaimed: true } : {}),
    };
    return becomePassword === undefined ? routed : { ...routed, becomePassword };
  }

  /** The secrets of a route, by name. */
  of(route: readonly Hop[]): [string, Secret][] {
    const wanted = new Set(route.map((hop) => hop.secret));
    const found: [string, Secret][] = [];
    for (const ready of this.#ready.values()) {
      if (typeof ready !== "string" && wanted.has(ready.secretName)) found.push([ready.secretName, ready.secret]);
    }
    return found;
  }

  async #prepare(name: string | undefined): Promise<Ready | string> {
    try {
      if (name === undefined) return ready(await defaultSecret(), {});
      const credential = await this.#context.credential(name);
      return ready(await secretOf(credential), accountOf(credential));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return name === undefined ? reason : reasonText("credential_unusable", { credential: name, detail: reason });
    }
  }
}

function ready(secret: Secret, account: Pick<Ready, "user" | "becomePassword">): Ready {
  const secretName = createHash("sha256").update(JSON.stringify(secret)).digest("base64url");
  return { ...account, secret, secretName };
}

function accountOf(credential: Credential): Pick<Ready, "user" | "becomePassword"> {
  const { user } = credential;
  // sudo asks for the account's own password, which is the one that signs in.
  const becomePassword =
    credential.becomePassword ?? (credential.kind === "password" ? credential.password : undefined);
  return { ...(user === undefined ? {} : { user }), ...(becomePassword === undefined ? {} : { becomePassword }) };
}

async function secretOf(credential: Credential): Promise<Secret> {
  switch (credential.kind) {
    case "key": {
      const { privateKey, passphrase, certificate } = credential;
      return {
        kind: "key",
        privateKey,
        ...(passphrase === undefined ? {} : { passphrase }),
        ...(certificate === undefined ? {} : { certificate }),
      };
    }
    case "key_file": {
      const { path, passphrase, certificatePath } = credential;
      const privateKey = await readFile(path, "utf8");
      const certificate = certificatePath === undefined ? undefined : await readFile(certificatePath, "utf8");
      return {
        kind: "key",
        privateKey,
        ...(passphrase === undefined ? {} : { passphrase }),
        ...(certificate === undefined ? {} : { certificate }),
      };
    }
    case "agent": {
      const socket = credential.socket ?? process.env.SSH_AUTH_SOCK;
      if (socket === undefined || socket === "") {
        throw new Error(reasonText("ssh_agent_none"));
      }
      return { kind: "agent", socket };
    }
    case "password":
      return { kind: "password", password: credential.password };
  }
}

/** What `ssh` would try: the agent, then the usual key files of the account that runs the controller. */
async function defaultSecret(): Promise<Secret> {
  const secrets: Secret[] = [];
  const socket = process.env.SSH_AUTH_SOCK;
  if (socket !== undefined && socket !== "" && (await exists(socket))) secrets.push({ kind: "agent", socket });
  for (const file of ["id_ed25519", "id_ecdsa", "id_rsa"]) {
    const path = join(homedir(), ".ssh", file);
    if (await exists(path)) secrets.push({ kind: "key", privateKey: await readFile(path, "utf8") });
  }
  if (secrets.length > 0) return { kind: "any", secrets };
  throw new Error(reasonText("credential_missing"));
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

function addressProblem(address: string): string | undefined {
  if (/^[A-Za-z0-9:._][A-Za-z0-9:._%-]{0,254}$/.test(address)) return undefined;
  return reasonText("engine_no_address", { address: address.slice(0, 60) });
}

function userProblem(user: string): string | undefined {
  if (user !== "" && user.length <= 128 && !user.startsWith("-") && !/[\u0000-\u0020\u007f]/.test(user))
    return undefined;
  return reasonText("engine_no_account", { user: user.slice(0, 60) });
}
