import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { availableParallelism, userInfo } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { OmError } from "../../contract/errors.ts";
import { canHaveOwnHostName } from "./command-runner.ts";
import { type FleetIdentity, fleetIdentity } from "./fleet-identity.ts";
import type { Behaviour, CannedReply, FleetMessage, ProcessHost, StartMessage } from "./fleet-messages.ts";
import { type PlacedHost, placeHosts } from "./fleet-plan.ts";

export interface FleetHost extends PlacedHost {
  /** Of its own, in 127.0.0.0/8. */
  readonly address: string;
  readonly port: number;
  /** What runs here, since commands run on this machine. */
  readonly os: string;
}

/** Real SSH servers on this machine. They take one key of one user and nothing else, from loopback only. */
export interface Fleet {
  readonly hosts: readonly FleetHost[];
  /** The account that commands run as: whoever started the fleet. */
  readonly user: string;
  /** OpenSSH format. */
  readonly privateKeyPem: string;
  /** One line a host, as `known_hosts` has them. */
  readonly knownHostsLines: readonly string[];
  /** Process ids of the fleet's processes, for benchmarks. */
  readonly pids: readonly number[];
  /** Ends servers, connections and commands that still run; resolves when the processes have gone. Idempotent. */
  stop(): Promise<void>;
}

export interface FleetOptions {
  /** 1 to 2,000. */
  readonly hosts: number;
  /** Keeps keys, addresses and home folders; the same folder gives the same hosts again. */
  readonly folder: string;
  /** Hosts that listen, out of all. */
  onProgress?(listening: number): void;
}

export interface StubFleetOptions extends FleetOptions {
  /** What every command is answered with. */
  readonly reply: CannedReply;
}

const mostHosts = 20_000;
const hostsPerProcess = 500;
/** Commands at once, over all processes; each is a few hundred kilobytes. */
const mostCommands = 512;
const portTries = 5;

/**
 * Starts a fleet that runs every command for real on this machine, as the current user.
 * Throws OmError `config.invalid` when an address or the folder cannot be used; nothing is left running then.
 */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  return start(options, {
    kind: "run",
    homes: resolve(options.folder, "homes"),
    ownHostName: canHaveOwnHostName(),
    mostCommands,
  });
}

/**
 * A fleet for benchmarks only: real SSH servers with real handshakes that answer every command with the same bytes and
 * run nothing, so that what is measured is the client.
 */
export async function startStubFleet(options: StubFleetOptions): Promise<Fleet> {
  return start(options, { kind: "reply", reply: options.reply });
}

async function start(options: FleetOptions, behaviour: Behaviour): Promise<Fleet> {
  const { hosts: count, folder } = options;
  if (!Number.isInteger(count) || count < 1 || count > mostHosts) {
    throw new OmError("config.invalid", `A fleet of ${count} hosts cannot be started: give 1 to ${mostHosts}.`);
  }
  const placed = placeHosts(count);
  const names = placed.map((host) => host.name);
  const os = await osName();
  let identity = await fleetIdentity(folder, names);
  for (let tries = 1; ; tries += 1) {
    const hosts = placed.map((host) => ({ ...host, ...addressOf(identity, host.name), os }));
    try {
      return await startProcesses(options, behaviour, identity, hosts);
    } catch (error) {
      // Only where nobody knows the addresses yet may the port be another one.
      if (!(error instanceof AddressInUse) || !identity.isNew || tries === portTries) throw asOmError(error);
      identity = { ...(await fleetIdentity(folder, names, { freshPort: true })), isNew: true };
    }
  }
}

function addressOf(identity: FleetIdentity, name: string): { address: string; port: number } {
  return { address: hostOf(identity, name).address, port: identity.port };
}

function hostOf(identity: FleetIdentity, name: string) {
  const host = identity.hosts[name];
  if (!host) throw new OmError("internal.error", `The demo host ${name} has no identity.`);
  return host;
}

async function startProcesses(
  options: FleetOptions,
  behaviour: Behaviour,
  identity: FleetIdentity,
  hosts: readonly FleetHost[],
): Promise<Fleet> {
  const user = userName();
  const count = Math.min(Math.ceil(hosts.length / hostsPerProcess), Math.max(1, availableParallelism()));
  const shares = Array.from({ length: count }, (_, index) => hosts.filter((_host, place) => place % count === index));
  const listening = shares.map(() => 0);
  const children: ChildProcess[] = [];
  async function stop(): Promise<void> {
    await Promise.all(children.map(endProcess));
  }
  try {
    await Promise.all(
      shares.map(async (share, index) => {
        const child = forkProcess();
        children.push(child);
        const message: StartMessage = {
          kind: "start",
          hosts: share.map((host): ProcessHost => {
            const { name, address, port } = host;
            return { name, address, port, privateKey: hostOf(identity, name).key.private };
          }),
          user,
          userKey: identity.user.public,
          behaviour:
            behaviour.kind === "run"
              ? { ...behaviour, mostCommands: Math.ceil(behaviour.mostCommands / count) }
              : behaviour,
        };
        await ready(child, message, (number) => {
          listening[index] = number;
          options.onProgress?.(listening.reduce((sum, each) => sum + each, 0));
        });
        listening[index] = share.length;
        options.onProgress?.(listening.reduce((sum, each) => sum + each, 0));
      }),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    hosts,
    user,
    privateKeyPem: identity.user.private,
    knownHostsLines: hosts.map(
      ({ name, address, port }) => `[${address}]:${port} ${hostOf(identity, name).key.public}`,
    ),
    pids: children.flatMap((child) => child.pid ?? []),
    stop,
  };
}

function forkProcess(): ChildProcess {
  const { NODE_OPTIONS: _options, ...environment } = process.env;
  return fork(fileURLToPath(new URL("./fleet-process.ts", import.meta.url)), {
    execArgv: [],
    env: environment,
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}

class AddressInUse extends Error {
  readonly place: string;

  constructor(place: string) {
    super(`${place} is in use`);
    this.place = place;
  }
}

function ready(child: ChildProcess, start: StartMessage, onListening: (hosts: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on("message", (message: FleetMessage) => {
      switch (message.kind) {
        case "listening":
          onListening(message.hosts);
          break;
        case "ready":
          resolve();
          break;
        case "failed":
          reject(listenError(message));
          break;
      }
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      reject(
        new OmError(
          "internal.error",
          `A process of the demo fleet ended at its start (${signal ?? `exit code ${code}`}).`,
        ),
      );
    });
    child.send(start);
  });
}

function listenError({ code, address, port }: Extract<FleetMessage, { kind: "failed" }>): Error {
  const place = `${address}:${port}`;
  if (code === "EADDRINUSE") return new AddressInUse(place);
  const mend: Readonly<Record<string, string>> = {
    EADDRNOTAVAIL:
      "This machine does not take all of 127.0.0.0/8 as its own, as Linux does: run the demo on Linux, or give the addresses to its loopback interface.",
    EMFILE: "Too many files are open: raise the limit (ulimit -n 8192) or start fewer hosts.",
    EACCES: "This user may not listen there.",
  };
  return new OmError("config.invalid", `A demo host cannot listen at ${place} (${code}). ${mend[code] ?? ""}`.trim());
}

function asOmError(error: unknown): unknown {
  if (!(error instanceof AddressInUse)) return error;
  return new OmError(
    "config.invalid",
    `A demo host cannot listen at ${error.place}: another program does. Is a demo of the same folder still running? Stop it, or use another folder.`,
  );
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  if (child.connected) child.disconnect();
  else child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
  await ended;
  clearTimeout(timer);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "demo";
  }
}

async function osName(): Promise<string> {
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1] ?? "Linux";
}
