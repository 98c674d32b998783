import { existsSync } from "node:fs";
import type { Server } from "node:net";
import type { EngineContext, EngineHost } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { AnsibleHome } from "./ansible-process.ts";
import { type Hop, HostAccess, type ReachableHost } from "./host-access.ts";
import { HostKeyChecks, type SeenKeys } from "./host-key-checks.ts";
import type { JobFolder } from "./job-folder.ts";
import { type Answer, type Question, serveQuestions } from "./questions.ts";
import { sshConfig, sshWords } from "./ssh-config.ts";

export interface SshAccessParts {
  readonly home: AnsibleHome;
  readonly context: EngineContext;
  readonly folder: JobFolder;
  readonly seenKeys: SeenKeys;
  readonly connectMilliseconds: number;
  /** Where the file of the job is on this machine; asked when the first host needs it. */
  readonly content?: () => Promise<Answer>;
  readonly room?: (bytes: number) => Promise<void>;
}

/**
 * What `ssh` needs in a job's folder to get into its hosts: its configuration, agents that hold the keys, and a socket by
 * which it asks for passwords and about host keys. It lives until {@link close}.
 */
export class SshAccess {
  /** Told when a host's key was trusted on first use. */
  onFirstUse: (position: number, message: string) => void = () => undefined;
  readonly #parts: SshAccessParts;
  readonly #access: HostAccess;
  readonly #keys: HostKeyChecks;
  readonly #passwords = new Map<string, string>();
  #server: Server | undefined;

  constructor(parts: SshAccessParts) {
    this.#parts = parts;
    this.#access = new HostAccess(parts.context, parts.folder);
    this.#keys = new HostKeyChecks(parts.context.hostKeys, parts.seenKeys);
    this.#keys.onFirstUse = ({ alias, address, port }) => {
      const position = /^om-(\d+)$/.exec(alias)?.[1];
      if (position === undefined) return;
      this.onFirstUse(Number(position), reasonText("ansible_trusted", { address, port }));
    };
  }

  /** A sentence when the host cannot be tried at all. Never rejects. */
  reach(host: EngineHost): Promise<ReachableHost | string> {
    return this.#access.reach(host);
  }

  /** Writes and serves what `ssh` needs for these hosts; once. */
  async open(hosts: readonly ReachableHost[]): Promise<void> {
    const { folder, home, connectMilliseconds } = this.#parts;
    const jumps = this.#access.jumps();
    const hops: readonly Hop[] = [...jumps, ...hosts.map(({ target }) => target)];
    folder.write("known_hosts", await this.#keys.known(hops));
    for (const { alias, login } of hops) if (login.kind === "password") this.#passwords.set(alias, login.password);
    const connectSeconds = Math.max(1, Math.ceil(connectMilliseconds / 1000));
    const { keyExchange } = home.settings;
    folder.write("ssh_config", sshConfig(jumps, { folder, askProgram: home.askProgram, keyExchange, connectSeconds }));
    this.#server = await serveQuestions(folder.at("engine"), (question) => this.#answer(question));
  }

  /** Options of `ssh` for the host, as words of which none needs quoting. */
  words(reachable: ReachableHost): string[] {
    const config = this.#parts.folder.at("ssh_config");
    return sshWords(reachable, config, this.#keys.isKnown(reachable.target.alias));
  }

  /** `ssh` had signed in there: something may have run. */
  signedIn({ target }: ReachableHost): boolean {
    return existsSync(this.#parts.folder.at("up", target.alias));
  }

  /** What was wrong with the host's key, or with that of a jump host on the way. */
  refusedKey({
    target,
    jumps,
  }: ReachableHost): { readonly hop: Hop; readonly verdict: "unknown" | "changed" } | undefined {
    for (const hop of [...jumps, target]) {
      const verdict = this.#keys.refusal(hop.alias);
      if (verdict !== undefined) return { hop, verdict };
    }
    return undefined;
  }

  close(): void {
    this.#server?.close();
    this.#access.close();
  }

  async #answer(question: Question): Promise<Answer> {
    switch (question.ask) {
      case "hostkey": {
        const text = await this.#keys.check(question.name, question.type, question.key);
        return text === undefined ? {} : { text };
      }
      case "password": {
        const alias = /@(om-[a-z0-9-]+)(?:'s password|\))/.exec(question.prompt)?.[1] ?? "";
        const text = this.#passwords.get(alias);
        return text === undefined ? {} : { text };
      }
      case "content":
        return (await this.#parts.content?.()) ?? { problem: reasonText("ansible_no_file") };
      case "room":
        await this.#parts.room?.(question.bytes);
        return {};
    }
  }
}
