import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import {
  CompiledQuery,
  type Dialect,
  Kysely,
  MysqlDialect,
  PostgresDialect,
  SqliteAdapter,
  SqliteDialect,
  type Transaction,
} from "kysely";
import { createPool } from "mysql2";
import pg from "pg";
import { OmError } from "../../contract/errors.ts";
import type { DatabaseConfig, ServerDatabaseConfig, StoreOptions } from "./database-config.ts";
import { GuardedDialect } from "./guarded-dialect.ts";
import { openSqlite } from "./sqlite.ts";
import { isRetryable } from "./store-errors.ts";
import type { Tables } from "./tables.ts";

export type Queries = Kysely<Tables>;
export type DatabaseKind = DatabaseConfig["kind"];

/** One open database and what the repositories need of it. */
export interface Database {
  readonly kind: DatabaseKind;
  /** How messages name it; holds no password. */
  readonly name: string;
  /**
   * For reading outside a transaction. On SQLite a second connection, so that readers do not wait for a long write;
   * it sees what is committed.
   */
  readonly reader: Queries;
  readonly writer: Queries;
  /**
   * Runs `work` in one transaction and commits. Run again, up to a dozen times, where the database gave it up for the
   * sake of another one: `work` must have no effect besides its statements.
   */
  transaction<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T>;
  /** One unchanging view of the whole database for all reads of `work`. */
  snapshot<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T>;
  /** Lets timers and sockets have their turn on SQLite, whose statements block; at once elsewhere. */
  breathe(): Promise<void>;
  readonly clock: () => number;
  close(): Promise<void>;
}

const attempts = 12;

/** Opens connections; makes no tables. `store.unavailable` comes with the first query where the database is away. */
export function connect(config: DatabaseConfig, options: StoreOptions = {}): Database {
  const name = databaseName(config);
  const log = options.onQuery === undefined ? {} : { log: observer(options.onQuery) };
  const open = (dialect: Dialect): Queries => new Kysely<Tables>({ dialect, ...log });
  const writer = open(writerDialect(config, name));
  const reader = config.kind === "sqlite" ? open(sqliteReader(config.file, name)) : writer;
  return {
    kind: config.kind,
    name,
    reader,
    writer,
    transaction: (work) => withRetries(() => writer.transaction().execute(work)),
    snapshot: (work) => {
      if (config.kind === "sqlite") return reader.transaction().execute(work);
      return withRetries(() => writer.transaction().setIsolationLevel("repeatable read").execute(work));
    },
    breathe: config.kind === "sqlite" ? () => new Promise((resolve) => setImmediate(resolve)) : () => Promise.resolve(),
    clock: options.clock ?? Date.now,
    async close() {
      if (reader !== writer) await reader.destroy();
      await writer.destroy();
    },
  };
}

function databaseName(config: DatabaseConfig): string {
  if (config.kind === "sqlite") return config.file;
  return `${config.kind}://${config.user}@${config.socketPath ?? `${config.host}:${config.port}`}/${config.database}`;
}

function observer(onQuery: NonNullable<StoreOptions["onQuery"]>) {
  return (event: { query: CompiledQuery; queryDurationMillis: number }) =>
    onQuery({ sql: event.query.sql, milliseconds: event.queryDurationMillis });
}

async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isRetryable(error) || attempt >= attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 5 * 2 ** Math.min(attempt, 6)));
    }
  }
}

function writerDialect(config: DatabaseConfig, name: string): Dialect {
  if (config.kind === "sqlite") {
    const dialect = new TransactionalSqlite({ database: () => Promise.resolve(openSqlite(config.file)) });
    return new GuardedDialect(dialect, name, "begin immediate");
  }
  return new GuardedDialect(config.kind === "mysql" ? mysqlDialect(config) : postgresDialect(config), name);
}

/** Migrations run in one transaction on SQLite too, so that two processes that start at once take turns. */
class TransactionalSqlite extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }
}

class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function sqliteReader(file: string, name: string): Dialect {
  const dialect = new SqliteDialect({ database: () => Promise.resolve(openSqlite(file, true)) });
  return new GuardedDialect(dialect, name, "begin");
}

/** Both drivers give up where the server does not speak TLS. */
function tlsOptions({ tls }: ServerDatabaseConfig) {
  if (tls === undefined) return undefined;
  return { minVersion: "TLSv1.2", rejectUnauthorized: true, ...(tls.ca === undefined ? {} : { ca: tls.ca }) } as const;
}

function mysqlDialect(config: ServerDatabaseConfig): Dialect {
  const tls = tlsOptions(config);
  // mysql2 takes “localhost” for the name of a server that it is given by address.
  if (config.tls?.verify === "full" && isIP(config.host) !== 0) {
    const message = `The certificate of a MySQL server is checked by its name, and “${config.host}” is an address. Set the name as the database's host, or “verify: ca”.`;
    throw new OmError("config.invalid", message);
  }
  const pool = createPool({
    ...(tls === undefined ? {} : { ssl: { ...tls, verifyIdentity: config.tls?.verify === "full" } }),
    ...(config.socketPath === undefined ? { host: config.host, port: config.port } : { socketPath: config.socketPath }),
    user: config.user,
    password: config.password,
    database: config.database,
    charset: "utf8mb4",
    connectionLimit: 10,
    connectTimeout: 10_000,
    enableKeepAlive: true,
    supportBigNumbers: true,
    jsonStrings: true,
  });
  return new MysqlDialect({
    pool,
    async onCreateConnection(connection) {
      // The driver escapes with backslashes, so NO_BACKSLASH_ESCAPES must be off; what does not fit must be an error.
      const mode = "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION";
      await connection.executeQuery(CompiledQuery.raw(`set session sql_mode = '${mode}'`));
      // As on PostgreSQL; gap locks would let bulk inserts wait for one another for nothing.
      await connection.executeQuery(CompiledQuery.raw("set session transaction isolation level read committed"));
    },
  });
}

function postgresDialect(config: ServerDatabaseConfig): Dialect {
  const tls = tlsOptions(config);
  // By the configured name: the driver itself would ask for “localhost” where it connects by address.
  const identity = (_: string, certificate: PeerCertificate) =>
    config.tls?.verify === "full" ? checkServerIdentity(config.host, certificate) : undefined;
  const pool = new pg.Pool({
    ...(tls === undefined ? {} : { ssl: { ...tls, checkServerIdentity: identity } }),
    host: config.socketPath ?? config.host,
    port: config.port,
    user: config.user,
    password: config.password,
    database: config.database,
    max: 10,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    application_name: "omserver",
    types: { getTypeParser: postgresType },
  });
  // A connection that breaks is dropped by the pool, and a query on it fails; without a listener, idle or not, it would
  // end the whole process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return new PostgresDialect({ pool });
}

const int8 = 20;

/** `bigint` comes as text; all of ours are below 2^53. */
function postgresType(oid: number, format?: "text" | "binary"): (value: string) => unknown {
  if (oid === int8) return Number;
  const parser: unknown = format === "binary" ? pg.types.getTypeParser(oid, "binary") : pg.types.getTypeParser(oid);
  if (typeof parser !== "function") throw new OmError("internal.error", `pg has no parser for type ${oid}`);
  return parser as (value: string) => unknown;
}
