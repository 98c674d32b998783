import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { cpuOfGroups } from "./process-groups.ts";

/**
 * A real Salt master, salt-api over HTTPS with a private CA, and real minions, all on loopback, with throw-away
 * configuration, keys and ports. A minion takes 60–100 MB, so tests start few of them.
 */
export interface SaltOptions {
  /** Names of the minions. */
  readonly minions: readonly string[];
  /** Whether the master accepts new keys by itself; default true. */
  readonly autoAccept?: boolean;
  /** What the account may do, as Salt's `external_auth` takes it; default everything. */
  readonly permissions?: readonly unknown[];
  /** More settings of the master. */
  readonly master?: Readonly<Record<string, unknown>>;
  /** More settings of the minions. */
  readonly minion?: Readonly<Record<string, unknown>>;
}

export interface SaltMinion {
  readonly name: string;
  /** Its main process. */
  readonly pid: number;
  /** Stops it (`STOP`), lets it go on (`CONT`), or ends it. */
  signal(signal: NodeJS.Signals): void;
}

export interface Salt {
  readonly url: string;
  /** PEM of the CA that signed salt-api's certificate. */
  readonly caFile: string;
  readonly user: string;
  readonly passwordFile: string;
  /** A folder of the master's file server. */
  readonly fileRoot: string;
  readonly folder: string;
  readonly minions: ReadonlyMap<string, SaltMinion>;
  /** Starts one more minion; resolves when the master knows its key. */
  startMinion(name: string, settings?: Readonly<Record<string, unknown>>): Promise<SaltMinion>;
  /** Runs one of Salt's own programs with the master's configuration; its stdout. */
  salt(program: "salt" | "salt-key" | "salt-run", ...argv: string[]): string;
  /** What the programs wrote to their logs. */
  log(): string;
  /** CPU milliseconds of master, salt-api and minions so far, see {@link cpuOfGroups}. */
  cpu(): number;
  /** Ends salt-api and starts it again. */
  restartApi(): Promise<void>;
  stop(): Promise<void>;
}

const account = { user: "omserver", password: "salt test 81c3" } as const;

/** The folder of Salt's programs; installs them first where they are missing. */
function programs(): string {
  return execFileSync("sh", [join(import.meta.dirname, "../../scripts/salt.sh")], { encoding: "utf8" }).trim();
}

export async function startSalt(options: SaltOptions): Promise<Salt> {
  const bin = programs();
  // Short: Salt's sockets have paths of at most 107 characters.
  const folder = mkdtempSync(join(tmpdir(), "om-salt-"));
  const [publishPort = 0, returnPort = 0, apiPort = 0] = await Promise.all([freePort(), freePort(), freePort()]);
  const children: ChildProcess[] = [];
  const minions = new Map<string, SaltMinion>();
  const fileRoot = join(folder, "srv");
  const passwordFile = join(folder, "password");
  makeCertificates(folder);
  mkdirSync(fileRoot);
  writeFileSync(passwordFile, `${account.password}\n`, { mode: 0o600 });
  writeFileSync(join(folder, "users"), `${account.user}:${sha256(account.password)}\n`, { mode: 0o600 });
  const permissions = options.permissions ?? [".*", "@runner", "@wheel", "@jobs"];
  configure(join(folder, "master"), {
    ...common(join(folder, "m")),
    interface: "127.0.0.1",
    publish_port: publishPort,
    ret_port: returnPort,
    auto_accept: options.autoAccept ?? true,
    worker_threads: 3,
    file_roots: { base: [fileRoot] },
    external_auth: {
      file: { "^filename": join(folder, "users"), "^hashtype": "sha256", [account.user]: permissions },
    },
    netapi_enable_clients: ["local_async", "runner", "wheel"],
    rest_cherrypy: {
      host: "127.0.0.1",
      port: apiPort,
      ssl_crt: join(folder, "api.crt"),
      ssl_key: join(folder, "api.key"),
      log_access_file: "/dev/null",
      log_error_file: "/dev/null",
    },
    ...options.master,
  });

  function start(program: string, configFolder: string): ChildProcess {
    const child = spawn(join(bin, program), ["-c", configFolder], {
      stdio: "ignore",
      detached: true,
      env: { ...process.env, LC_ALL: "C.UTF-8", PYTHONDONTWRITEBYTECODE: "1" },
    });
    children.push(child);
    return child;
  }
  function salt(program: "salt" | "salt-key" | "salt-run", ...argv: string[]): string {
    return execFileSync(join(bin, program), ["-c", join(folder, "master"), ...argv], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  }
  function launchMinion(name: string, settings: Readonly<Record<string, unknown>> = {}): SaltMinion {
    const minionFolder = join(folder, name);
    configure(join(minionFolder, "etc"), {
      ...common(join(minionFolder, "v")),
      id: name,
      master: "127.0.0.1",
      master_port: returnPort,
      acceptance_wait_time: 1,
      random_reauth_delay: 0,
      enable_gpu_grains: false,
      enable_fqdns_grains: false,
      mine_enabled: false,
      grains: { roles: ["web", `only-${name}`] },
      ...options.minion,
      ...settings,
    });
    const child = start("salt-minion", join(minionFolder, "etc"));
    const pid = child.pid ?? 0;
    const minion: SaltMinion = { name, pid, signal: (signal) => void process.kill(-pid, signal) };
    minions.set(name, minion);
    return minion;
  }
  async function stop(): Promise<void> {
    await Promise.all(children.map(end));
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
  const log = () =>
    [join(folder, "m/log"), ...[...minions.keys()].map((name) => join(folder, name, "v/log"))]
      .map((file) => (existsSync(file) ? readFileSync(file, "utf8") : ""))
      .join("");
  const url = `https://127.0.0.1:${apiPort}`;

  try {
    start("salt-master", join(folder, "master"));
    let api = start("salt-api", join(folder, "master"));
    for (const name of options.minions) launchMinion(name);
    await until("salt-api takes a sign-in", () => signsIn(url, readFileSync(join(folder, "ca.crt"))), log);
    if (options.autoAccept ?? true) {
      const known = (name: string) => existsSync(join(folder, "m/pki/minions", name));
      await until("the master knows every minion", () => options.minions.every(known), log);
      await until("every minion answers", () => allAnswer(options.minions, salt), log);
    }
    return {
      url,
      caFile: join(folder, "ca.crt"),
      user: account.user,
      passwordFile,
      fileRoot,
      folder,
      minions,
      salt,
      log,
      cpu: () => cpuOfGroups(new Set(children.flatMap(({ pid }) => pid ?? []))),
      async startMinion(name, settings) {
        const minion = launchMinion(name, settings);
        await until(`the master knows ${name}`, () => salt("salt-key", "-l", "all").includes(name), log);
        return minion;
      },
      async restartApi() {
        await end(api);
        api = start("salt-api", join(folder, "master"));
        await until("salt-api takes a sign-in again", () => signsIn(url, readFileSync(join(folder, "ca.crt"))), log);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function allAnswer(minions: readonly string[], salt: Salt["salt"]): boolean {
  if (minions.length === 0) return true;
  try {
    const answers = salt("salt", "-L", minions.join(","), "-t", "5", "--out=json", "--static", "test.ping");
    return minions.every((name) => new RegExp(`"${name}": true`).test(answers));
  } catch {
    // Its own request timed out, or a minion is not there yet.
    return false;
  }
}

function common(root: string): Record<string, unknown> {
  mkdirSync(root, { recursive: true });
  return {
    user: "root",
    root_dir: "/",
    pki_dir: join(root, "pki"),
    cachedir: join(root, "cache"),
    sock_dir: join(root, "s"),
    extension_modules: join(root, "ext"),
    log_file: join(root, "log"),
    api_logfile: join(root, "api.log"),
    log_level: "warning",
    log_level_logfile: "warning",
    pidfile: join(root, "pid"),
    api_pidfile: join(root, "api.pid"),
  };
}

/** Salt's configuration is YAML, and JSON is YAML. */
function configure(configFolder: string, settings: Readonly<Record<string, unknown>>): void {
  mkdirSync(configFolder, { recursive: true });
  const name = "publish_port" in settings ? "master" : "minion";
  writeFileSync(join(configFolder, name), JSON.stringify({ conf_file: join(configFolder, name), ...settings }));
}

/** A CA (`ca.crt`) and the certificate of a server at 127.0.0.1 (`api.crt`, `api.key`) in the folder. */
export function makeCertificates(folder: string): void {
  const openssl = (...argv: string[]) =>
    execFileSync("openssl", argv, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=OMServer test CA");
  openssl("req", ...key, "-keyout", "api.key", "-out", "api.csr", "-subj", "/CN=salt-api");
  writeFileSync(join(folder, "api.ext"), "subjectAltName=IP:127.0.0.1\n");
  openssl(
    ...["x509", "-req", "-in", "api.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"],
    ...["-out", "api.crt", "-days", "2", "-extfile", "api.ext"],
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Ends the program and all that it started: they share its process group. */
async function end(child: ChildProcess): Promise<void> {
  const pid = child.pid;
  if (pid === undefined) return;
  const ended = child.exitCode !== null || child.signalCode !== null;
  const exit = ended ? Promise.resolve() : new Promise((resolve) => child.once("exit", resolve));
  const kill = (signal: NodeJS.Signals) => {
    try {
      process.kill(-pid, signal);
    } catch {
      // Nobody of the group is left.
    }
  };
  kill("SIGCONT");
  kill("SIGTERM");
  await Promise.race([exit, new Promise((resolve) => setTimeout(resolve, 2000))]);
  kill("SIGKILL");
  await exit;
}

async function until(what: string, holds: () => boolean | Promise<boolean>, log: () => string): Promise<void> {
  const patience = performance.now() + 110_000;
  while (performance.now() < patience) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`it did not come about that ${what}: ${log().slice(-4000)}`);
}

/** salt-api listens, and its master answers it. */
function signsIn(url: string, ca: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const body = JSON.stringify({ username: account.user, password: account.password, eauth: "file" });
    const headers = { "content-type": "application/json" };
    const asking = request(`${url}/login`, { method: "POST", ca, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asking.once("error", () => resolve(false));
    asking.end(body);
  });
}
