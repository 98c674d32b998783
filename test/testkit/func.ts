import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type FuncSettings, funcSettings } from "../../src/engines/func/settings.ts";

/** What the minion for tests is asked to be; test/testkit/func-minion.py reads it. */
export interface MinionOptions {
  /** Its certificate carries this name; default `minion.test`. */
  readonly name?: string;
  /** Old minions speak HTTP/1.0; default HTTP/1.1, which keeps connections. */
  readonly protocol?: "HTTP/1.0" | "HTTP/1.1";
  /** Speaks TLS 1.0 only, with 1,024 bits and SHA-1 as certmaster once made them. */
  readonly old?: boolean;
  /** Speaks TLS by pyOpenSSL, as original minions do: no session of it can be resumed, though it offers them. */
  readonly pyOpenSSL?: boolean;
  /** Closes a connection that has been idle for so long. */
  readonly idleSeconds?: number;
  /** Methods that its access list refuses, and whether that comes as a fault or as an array. */
  readonly denied?: readonly string[];
  readonly denies?: "fault" | "array";
  /** Each answer waits so long. */
  readonly slowSeconds?: number;
  /** Knows no job a moment after it took it. */
  readonly losesJobs?: boolean;
  /** Runs nothing and says that each command printed this line. */
  readonly stub?: string;
  /** Answers everything with these bytes, again and again without end when `rawRepeat`. */
  readonly raw?: string | Uint8Array;
  readonly rawRepeat?: boolean;
  readonly rawStatus?: number;
}

export interface FuncMinion {
  readonly name: string;
  readonly port: number;
  readonly folder: string;
  /** A folder whose executables stand in for the host's init scripts. */
  readonly services: string;
  /** An address of its own for each number. */
  address(number: number): string;
  /** Settings of an engine that may speak to it. */
  settings(changes?: Partial<FuncSettings>): FuncSettings;
  stop(): Promise<void>;
}

/** `OMSERVER_TEST_PYTHON` names another interpreter, a Python 2.7 say. */
const python = process.env.OMSERVER_TEST_PYTHON ?? "python3";
/** Debian's, which finds its package python3-openssl. */
const debianPython = process.env.OMSERVER_TEST_PYTHON ?? "/usr/bin/python3";

export async function startMinion(options: MinionOptions = {}): Promise<FuncMinion> {
  const folder = mkdtempSync(join(tmpdir(), "omserver-func-"));
  const name = options.name ?? "minion.test";
  const old = options.old === true;
  const certificates = makeCertificates(folder, name, old);
  const services = join(folder, "services");
  mkdirSync(services);
  const { raw, ...rest } = options;
  const given = {
    ...rest,
    ...certificates.minion,
    authority: certificates.authority,
    protocol: options.protocol ?? "HTTP/1.1",
    services,
    ...(old ? { tls: "TLSv1", ciphers: "ALL:@SECLEVEL=0" } : {}),
    ...(raw === undefined ? {} : { rawAnswer: Buffer.from(raw).toString("base64") }),
  };
  const script = fileURLToPath(new URL("func-minion.py", import.meta.url));
  const interpreter = options.pyOpenSSL === true ? debianPython : python;
  const child = spawn(interpreter, [script, JSON.stringify(given)], {
    stdio: ["pipe", "pipe", "inherit"],
    cwd: folder,
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.once("data", (data: Buffer) => resolve(Number(data.toString().trim())));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the minion for tests ended with ${code}`)));
  });
  return {
    name,
    port,
    folder,
    services,
    address: (number) =>
      `127.${1 + Math.floor(number / 62_500)}.${Math.floor(number / 250) % 250}.${1 + (number % 250)}`,
    settings: (changes = {}) => ({
      ...funcSettings.parse({
        port,
        certificate: certificates.overlord.certificate,
        key: certificates.overlord.key,
        authority: certificates.authority,
        certificatesFolder: folder,
        hostFolder: folder,
      }),
      ...changes,
    }),
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.stdin.end();
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

interface Pair {
  readonly certificate: string;
  readonly key: string;
}

/** As certmaster makes them: a CA, and certificates with a common name and no other. */
function makeCertificates(
  folder: string,
  name: string,
  old: boolean,
): { readonly authority: string; readonly minion: Pair; readonly overlord: Pair } {
  const bits = old ? "1024" : "2048";
  const digest = old ? "-sha1" : "-sha256";
  function openssl(...argv: string[]): void {
    execFileSync("openssl", argv, {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, OPENSSL_CONF: join(folder, "openssl.cnf") },
    });
  }
  writeFileSync(
    join(folder, "openssl.cnf"),
    "[req]\ndistinguished_name=name\n[name]\n[ca]\nbasicConstraints=critical,CA:TRUE\n",
  );
  openssl(
    "req",
    "-x509",
    "-newkey",
    `rsa:${bits}`,
    "-nodes",
    digest,
    "-days",
    "2",
    "-subj",
    "/CN=certmaster-ca",
    "-extensions",
    "ca",
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
  );
  function sign(file: string, commonName: string): Pair {
    openssl(
      "req",
      "-newkey",
      `rsa:${bits}`,
      "-nodes",
      digest,
      "-subj",
      `/CN=${commonName}`,
      "-keyout",
      `${file}.pem`,
      "-out",
      `${file}.csr`,
    );
    openssl(
      "x509",
      "-req",
      digest,
      "-in",
      `${file}.csr`,
      "-CA",
      "ca.crt",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-days",
      "2",
      "-out",
      `${file}.crt`,
    );
    return { certificate: join(folder, `${file}.crt`), key: join(folder, `${file}.pem`) };
  }
  return {
    authority: join(folder, "ca.crt"),
    minion: sign("minion", name),
    overlord: sign("overlord", "overlord.test"),
  };
}
