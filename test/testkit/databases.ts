import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  accessSync,
  chownSync,
  constants,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createConnection } from "mysql2/promise";
import pg from "pg";
import type { ServerDatabaseConfig } from "../../src/web/store/database-config.ts";
import { freePort } from "./free-port.ts";

/** A database server of this test's own: data in a temporary folder, a free port of the loopback interface. */
export interface DatabaseServer {
  /** The administrator's way in, to the server's own first database. */
  readonly config: ServerDatabaseConfig;
  /** A new empty database; dropped with the server. */
  createDatabase(): Promise<ServerDatabaseConfig>;
  /** Ends the server at once and takes its data away. */
  stop(): Promise<void>;
}

export interface DatabaseServerOptions {
  /** Write through to the disk at every commit, as in production. Default false: tests want speed. */
  readonly durable?: boolean;
  /** PEM files of the server's certificate and key; it then takes no connection by TCP without TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** Starts MariaDB from the system's packages. An absent program is an error that names the package. */
export async function startMariaDb(options: DatabaseServerOptions = {}): Promise<DatabaseServer> {
  const server = findProgram("mariadbd", ["/usr/sbin", "/usr/local/sbin"], "mariadb-server");
  const install = findProgram("mariadb-install-db", ["/usr/bin", "/usr/local/bin"], "mariadb-server");
  const folder = mkdtempSync(join(tmpdir(), "om-mariadb-"));
  try {
    const account = isRoot() ? ["--user=root"] : [];
    const data = join(folder, "data");
    run(install, ["--no-defaults", ...account, `--datadir=${data}`, "--skip-test-db", "--skip-name-resolve"]);
    const password = randomBytes(12).toString("hex");
    const initFile = join(folder, "init.sql");
    writeFileSync(
      initFile,
      `create user omserver@'%' identified by '${password}';\ngrant all on *.* to omserver@'%' with grant option;\n`,
      { mode: 0o600 },
    );
    const port = await freePort();
    const socketPath = join(folder, "socket");
    const speed =
      options.durable === true
        ? []
        : ["--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--innodb-flush-method=nosync"];
    const child = start(server, [
      "--no-defaults",
      ...account,
      `--datadir=${data}`,
      `--socket=${socketPath}`,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      `--pid-file=${join(folder, "pid")}`,
      `--init-file=${initFile}`,
      "--skip-name-resolve",
      "--skip-log-bin",
      "--innodb-buffer-pool-size=64M",
      ...(options.tls === undefined
        ? []
        : [`--ssl-cert=${options.tls.certificate}`, `--ssl-key=${options.tls.key}`, "--require-secure-transport=ON"]),
      ...speed,
    ]);
    await ready(child, /ready for connections/, "mariadbd");
    const config: ServerDatabaseConfig = {
      kind: "mysql",
      host: "127.0.0.1",
      port,
      user: "omserver",
      password,
      database: "mysql",
      socketPath,
    };
    return {
      config,
      async createDatabase() {
        const database = databaseName();
        const connection = await createConnection({ socketPath, user: config.user, password });
        // Not the server's best default: the tables must ask for what they need themselves.
        await connection.query(`create database ${database} character set latin1`);
        await connection.end();
        return { ...config, database };
      },
      stop: () => stop(child, "SIGKILL", folder),
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Starts PostgreSQL from the system's packages. An absent program is an error that names the package. */
export async function startPostgres(options: DatabaseServerOptions = {}): Promise<DatabaseServer> {
  const folders = postgresFolders();
  const server = findProgram("postgres", folders, "postgresql");
  const initdb = findProgram("initdb", folders, "postgresql");
  const folder = mkdtempSync(join(tmpdir(), "om-postgres-"));
  try {
    const account = postgresAccount(folder);
    const data = join(folder, "data");
    const password = randomBytes(12).toString("hex");
    const passwordFile = join(folder, "password");
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (account !== undefined) chownSync(passwordFile, account.uid, account.gid);
    run(
      initdb,
      ["-D", data, "-U", "omserver", "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "-E", "UTF8", "--no-sync"],
      account,
    );
    const port = await freePort();
    const settings = ["listen_addresses=127.0.0.1", `unix_socket_directories=${folder}`, "max_connections=60"];
    if (options.durable !== true) settings.push("fsync=off", "synchronous_commit=off", "full_page_writes=off");
    if (options.tls !== undefined) {
      const key = join(folder, "server.key");
      writeFileSync(key, readFileSync(options.tls.key), { mode: 0o600 });
      if (account !== undefined) chownSync(key, account.uid, account.gid);
      const certificate = join(folder, "server.crt");
      writeFileSync(certificate, readFileSync(options.tls.certificate), { mode: 0o644 });
      settings.push("ssl=on", `ssl_cert_file=${certificate}`, `ssl_key_file=${key}`);
      const access = join(folder, "pg_hba.conf");
      writeFileSync(access, "hostssl all all 127.0.0.1/32 scram-sha-256\nlocal all all scram-sha-256\n");
      settings.push(`hba_file=${access}`);
    }
    const flags = settings.flatMap((setting) => ["-c", setting]);
    const child = start(server, ["-D", data, "-p", String(port), ...flags], account);
    await ready(child, /ready to accept connections/, "postgres");
    const config: ServerDatabaseConfig = {
      kind: "postgres",
      host: "127.0.0.1",
      port,
      user: "omserver",
      password,
      database: "postgres",
    };
    return {
      config,
      async createDatabase() {
        const database = databaseName();
        const client = new pg.Client({ ...config, host: folder });
        await client.connect();
        await client.query(`create database ${database}`);
        await client.end();
        return { ...config, database };
      },
      stop: () => stop(child, "SIGQUIT", folder),
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** PostgreSQL refuses to run as root: the account of its package serves, and owns the folder then. */
function postgresAccount(folder: string): Account | undefined {
  if (!isRoot()) return undefined;
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }).trim());
  const account = { uid: id("-u"), gid: id("-g") };
  chownSync(folder, account.uid, account.gid);
  return account;
}

/** Debian keeps the programs of each version apart; the newest serves. */
function postgresFolders(): string[] {
  const base = "/usr/lib/postgresql";
  const versions = readdirSafely(base).filter((name) => /^\d+$/.test(name));
  return versions.sort((left, right) => Number(right) - Number(left)).map((version) => join(base, version, "bin"));
}

function readdirSafely(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function findProgram(name: string, folders: readonly string[], debianPackage: string): string {
  for (const folder of [...folders, ...(process.env.PATH ?? "").split(delimiter)]) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not there: the next folder.
    }
  }
  throw new Error(`${name} is not installed. Install it with: apt-get install ${debianPackage}`);
}

/** Runs as another account, and dies with this process where the system can promise it: a test leaves nothing behind. */
function command(program: string, args: readonly string[], account: Account | undefined): [string, string[]] {
  const identity = account === undefined ? [] : [`--reuid=${account.uid}`, `--regid=${account.gid}`, "--clear-groups"];
  return ["setpriv", [...identity, "--pdeathsig=KILL", "--", program, ...args]];
}

function run(program: string, args: readonly string[], account?: Account): void {
  const [file, all] = command(program, args, account);
  const result = spawnSync(file, all, { encoding: "utf8", cwd: "/" });
  if (result.status === 0) return;
  throw new Error(`${program} failed: ${result.error?.message ?? ""}${result.stdout}${result.stderr}`);
}

function start(program: string, args: readonly string[], account?: Account): ChildProcess {
  const [file, all] = command(program, args, account);
  return spawn(file, all, { stdio: ["ignore", "ignore", "pipe"], cwd: "/" });
}

async function ready(child: ChildProcess, sign: RegExp, name: string): Promise<void> {
  let log = "";
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`${name} ended instead of starting:\n${log}`)));
    child.stderr?.setEncoding("utf8");
    child.stderr?.on("data", (text: string) => {
      log = (log + text).slice(-8192);
      if (sign.test(log)) resolve();
    });
  });
}

async function stop(child: ChildProcess, signal: NodeJS.Signals, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(signal);
    await once(child, "exit");
  }
  rmSync(folder, { recursive: true, force: true });
}

function databaseName(): string {
  return `om_${randomBytes(6).toString("hex")}`;
}
