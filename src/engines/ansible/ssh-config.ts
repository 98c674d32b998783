import type { Hop, ReachableHost } from "./host-access.ts";
import type { JobFolder } from "./job-folder.ts";

export interface SshConfigOptions {
  readonly folder: JobFolder;
  /** The script that asks the engine; see plugins/ask.py. */
  readonly askProgram: string;
  readonly keyExchange: string;
  readonly connectSeconds: number;
}

/**
 * The only configuration that `ssh` reads: neither the account's nor the machine's. Everything in it is made here of
 * fixed words, paths of ours, and addresses and users that were checked against an allow-list.
 *
 * - A host's key is known when the engine says so (KnownHostsCommand asks it), and nobody is ever asked.
 * - `up/ALIAS` appears once the sign-in has succeeded and before anything runs: the proof that a host was reached.
 * - Connections are kept for the job; they are ended with it.
 */
export function sshConfig(jumps: readonly Hop[], options: SshConfigOptions): string {
  const { folder } = options;
  const hops = jumps.flatMap((hop) => [
    `Host ${hop.alias}`,
    ...[
      `HostName ${hop.address}`,
      `Port ${hop.port}`,
      `User "${hop.user.replaceAll("\\", "\\\\")}"`,
      `HostKeyAlias ${hop.alias}`,
      ...loginOptions(hop),
    ].map((line) => `  ${line}`),
  ]);
  return [
    ...hops,
    "Host *",
    ...[
      'GlobalKnownHostsFile "/dev/null"',
      `UserKnownHostsFile "${folder.at("known_hosts")}"`,
      `KnownHostsCommand /bin/sh "${options.askProgram}" hostkey %I %H %t %K`,
      "StrictHostKeyChecking yes",
      "UpdateHostKeys no",
      "CheckHostIP no",
      "ControlMaster auto",
      "ControlPersist 60",
      `ControlPath "${folder.at("c")}/%k"`,
      "PermitLocalCommand yes",
      `LocalCommand : >"${folder.at("up")}/%k"`,
      `ConnectTimeout ${options.connectSeconds}`,
      "ConnectionAttempts 1",
      "ServerAliveInterval 15",
      "ServerAliveCountMax 4",
      `KexAlgorithms ${options.keyExchange}`,
      "GSSAPIAuthentication no",
      "ForwardAgent no",
      "ForwardX11 no",
      "LogLevel ERROR",
    ].map((line) => `  ${line}`),
    "",
  ].join("\n");
}

/** Options of `ssh` for one host, as words of which none needs quoting. They come first, so they win. */
export function sshWords(reachable: ReachableHost, configFile: string, knownKey: boolean): string[] {
  const last = reachable.jumps.at(-1);
  const options = [
    `HostKeyAlias=${reachable.target.alias}`,
    ...loginOptions(reachable.target).map((line) => line.replace(" ", "=")),
    ...(knownKey ? ["KnownHostsCommand=none"] : []),
    ...(last === undefined ? [] : [`ProxyJump=${reachable.jumps.map((hop) => hop.alias).join(",")}`]),
  ];
  return ["-F", configFile, ...options.flatMap((option) => ["-o", option])];
}

function loginOptions({ login }: Hop): string[] {
  switch (login.kind) {
    case "agent":
      return [`IdentityAgent ${login.socket}`, "IdentityFile none", "PreferredAuthentications publickey"];
    case "password":
      return [
        "IdentityAgent none",
        "PubkeyAuthentication no",
        "PasswordAuthentication yes",
        "KbdInteractiveAuthentication yes",
        "PreferredAuthentications password,keyboard-interactive",
        "NumberOfPasswordPrompts 1",
      ];
    case "default":
      return ["PreferredAuthentications publickey"];
  }
}
