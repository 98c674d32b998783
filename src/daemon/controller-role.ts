import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import type { Engine } from "../contract/engine.ts";
import { createController } from "../controller/controller.ts";
import {
  certificateFor,
  type Identity,
  plainOrderKeys,
  readIdentity,
  trustedKeysOf,
  writeIdentity,
} from "../controller/enrol/identity.ts";
import { startRenewal } from "../controller/enrol/renewal.ts";
import { createSigningRequest } from "../controller/enrol/signing-request.ts";
import type { Observe } from "../controller/observe.ts";
import { absentEngines, createEngines } from "../engines/registry.ts";
import { requestEnrolment } from "../link/grpc/calls.ts";
import type { ClientIdentity } from "../link/grpc/connection.ts";
import { startDialling } from "../link/grpc/dial.ts";
import type { Config } from "./config.ts";
import { version } from "./version.ts";

export interface ControllerRoleOptions {
  readonly config: Config;
  readonly log: Logger;
  /** Instead of the engines of the registry; tests and benchmarks hand in a mock. */
  readonly engines?: readonly Engine[];
  readonly observe?: Observe;
}

export interface RunningController {
  readonly name: string;
  readonly servers: readonly string[];
  /** Lets what runs end for a while, sends what is written, closes. Idempotent. */
  stop(): Promise<void>;
}

/** Where the enrolment is kept. */
export function identityFile(config: Config): string {
  return join(config.dataFolder, "link", "identity.json");
}

export interface Invited {
  /** The first one is asked; all are dialled later. */
  readonly servers: readonly string[];
  readonly token: string;
  readonly authoritySha256: string;
}

/** Makes this machine the controller that the invitation is for, and gives its name. Rejects as `requestEnrolment` does. */
export async function enrol(config: Config, { servers, token, authoritySha256 }: Invited): Promise<string> {
  const { key, request } = await createSigningRequest();
  const [server = ""] = servers;
  const { authority, response } = await requestEnrolment({ server, token, authoritySha256, signingRequest: request });
  const { controller } = response;
  writeIdentity(identityFile(config), {
    controller,
    servers: [...servers],
    authority,
    key,
    certificate: certificateFor(key, response.certificate),
    orderKeys: plainOrderKeys(response.orderKeys),
  });
  return controller;
}

/** Starts an enrolled controller that dials its web servers. `config.invalid` when it is not enrolled. */
export async function startControllerRole(options: ControllerRoleOptions): Promise<RunningController> {
  const { config, log } = options;
  const file = identityFile(config);
  let identity: Identity = readIdentity(file);
  const servers = config.webServers ?? identity.servers;
  mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 });
  chmodSync(config.dataFolder, 0o700);
  const folder = join(config.dataFolder, "controller");
  const engines = options.engines ?? createEngines(config.engines, { folder: join(folder, "engines") });
  const closeEngines = async () => {
    await Promise.all(engines.map((engine) => engine.close()));
  };
  const controller = await createController({
    name: identity.controller,
    folder,
    engines,
    absentEngines: options.engines === undefined ? absentEngines(config.engines) : [],
    trustedKeys: trustedKeysOf(identity),
    log,
    version,
    knownHostsFiles: config.knownHostsFile === undefined ? [] : [config.knownHostsFile],
    ...(options.observe === undefined ? {} : { observe: options.observe }),
  }).catch(async (error: unknown) => {
    await closeEngines();
    throw error;
  });
  const dialler = startDialling({
    servers,
    identity: () => clientIdentity(identity),
    attach: (end, server) => controller.attach(end, server),
    log,
  });
  const renewal = startRenewal({
    certificate: () => identity.certificate,
    renew: dialler.renew,
    use(renewed) {
      identity = { ...identity, ...renewed };
      writeIdentity(file, identity);
      dialler.redial();
    },
    log,
  });
  let stopping: Promise<void> | undefined;
  async function stopNow(): Promise<void> {
    renewal.stop();
    // It hands its last events over the link, so the link goes after it.
    await controller.close();
    await dialler.close();
    await closeEngines();
  }
  return {
    name: identity.controller,
    servers,
    stop() {
      stopping ??= stopNow();
      return stopping;
    },
  };
}

function clientIdentity({ authority, key, certificate }: Identity): ClientIdentity {
  return { authority, own: { key, certificate } };
}
