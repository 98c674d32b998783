import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DatabaseServer, startMariaDb, startPostgres } from "../../../test/testkit/databases.ts";
import { connect } from "./database.ts";
import type { DatabaseTls, ServerDatabaseConfig } from "./database-config.ts";
import { openStore } from "./open.ts";

/** Real servers with certificates of an authority made for the occasion. */

const folder = mkdtempSync(join(tmpdir(), "om-tls-"));
const ca = makeAuthority("ca");
const otherCa = makeAuthority("other");
makeCertificate("localhost", "DNS:localhost");
makeCertificate("elsewhere", "DNS:db.example.com");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ["MariaDB", startMariaDb, "show session status like 'Ssl_cipher'"],
  ["PostgreSQL", startPostgres, "select cipher as Value from pg_stat_ssl where pid = pg_backend_pid()"],
])("TLS to %s", (_, startServer, cipherQuery) => {
  let server: DatabaseServer;
  let config: ServerDatabaseConfig;

  beforeAll(async () => {
    const tls = { certificate: join(folder, "localhost.crt"), key: join(folder, "localhost.key") };
    server = await startServer({ tls });
    const { socketPath: _, ...created } = await server.createDatabase();
    config = { ...created, host: "localhost" };
  }, 120_000);
  afterAll(() => server?.stop());

  const open = async (tls: DatabaseTls | undefined, change: Partial<ServerDatabaseConfig> = {}) => {
    const store = await openStore({ ...config, ...change, ...(tls === undefined ? {} : { tls }) });
    await store.close();
  };

  it("is used where it is asked for, for a server of the authority and the name", async () => {
    await open({ ca, verify: "full" });

    const database = connect({ ...config, tls: { ca, verify: "full" } });
    const { rows } = await sql.raw<Record<string, string>>(cipherQuery).execute(database.reader);
    await database.close();
    expect(Object.values(rows[0] ?? {}).at(-1)).toMatch(/^(TLS_)?A?[A-Z0-9_-]{8,}$/);
  });

  it("is refused to a server of another authority, before the password is sent", async () => {
    for (const verify of ["full", "ca"] as const) {
      await expect(open({ ca: otherCa, verify })).rejects.toMatchObject({ code: "store.unavailable" });
    }
    await expect(open({ verify: "full" })).rejects.toMatchObject({ code: "store.unavailable" });
  });

  it("is checked by the server's address only where the driver can do that", async () => {
    await expect(open({ ca, verify: "full" }, { host: "127.0.0.1" })).rejects.toMatchObject({
      code: config.kind === "mysql" ? "config.invalid" : "store.unavailable",
    });
    await open({ ca, verify: "ca" }, { host: "127.0.0.1" });
  });

  it("is not used without being asked for: this server then takes nobody", async () => {
    await expect(open(undefined)).rejects.toMatchObject({ code: "store.unavailable" });
  });
});

it.each([
  ["MariaDB", startMariaDb],
  ["PostgreSQL", startPostgres],
])(
  "never falls back to plain text: %s without TLS",
  async (_, startServer) => {
    const server = await startServer();
    try {
      const { socketPath: _, ...created } = await server.createDatabase();
      const opening = openStore({ ...created, host: "localhost", tls: { ca, verify: "ca" } });
      await expect(opening).rejects.toMatchObject({ code: "store.unavailable" });
    } finally {
      await server.stop();
    }
  },
  120_000,
);

it.each([
  ["MariaDB", startMariaDb],
  ["PostgreSQL", startPostgres],
])(
  "refuses a server of another name, unless only the authority counts: %s",
  async (_, startServer) => {
    const tls = { certificate: join(folder, "elsewhere.crt"), key: join(folder, "elsewhere.key") };
    const server = await startServer({ tls });
    try {
      const { socketPath: _, ...created } = await server.createDatabase();
      const config = { ...created, host: "localhost" };
      await expect(openStore({ ...config, tls: { ca, verify: "full" } })).rejects.toMatchObject({
        code: "store.unavailable",
      });
      await (await openStore({ ...config, tls: { ca, verify: "ca" } })).close();
    } finally {
      await server.stop();
    }
  },
  120_000,
);

function openssl(...parameters: string[]): void {
  execFileSync("openssl", parameters, { cwd: folder, stdio: "pipe" });
}

function makeAuthority(name: string): string {
  openssl(
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    "2",
    "-subj",
    `/CN=${name}`,
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.crt`,
  );
  return readFileSync(join(folder, `${name}.crt`), "utf8");
}

function makeCertificate(name: string, subjectAltName: string): void {
  openssl(
    "req",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-subj",
    `/CN=${name}`,
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.csr`,
  );
  writeFileSync(join(folder, "san"), `subjectAltName=${subjectAltName}\n`);
  openssl(
    "x509",
    "-req",
    "-in",
    `${name}.csr`,
    "-CA",
    "ca.crt",
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-days",
    "2",
    "-extfile",
    "san",
    "-out",
    `${name}.crt`,
  );
}
