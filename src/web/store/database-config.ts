/** Where the store is. The same product on each; `sqlite` is the embedded default. */
export type DatabaseConfig =
  | {
      readonly kind: "sqlite";
      /** Made where it does not exist, readable by its owner only. */
      readonly file: string;
    }
  | ServerDatabaseConfig;

/** `mysql` is MySQL 8 or MariaDB 10.6 and newer; `postgres` is 13 and newer. */
export interface ServerDatabaseConfig {
  readonly kind: "mysql" | "postgres";
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Instead of host and port: the socket itself for MySQL, the folder of the socket for PostgreSQL. */
  readonly socketPath?: string;
  /** The connection is encrypted, or there is none; without it nothing is. */
  readonly tls?: DatabaseTls;
}

export interface DatabaseTls {
  /** PEM of the authorities that may have signed the server's certificate; the system's where left out. */
  readonly ca?: string;
  /** `full`: the certificate is also the server's by its name. `ca`: any certificate of these authorities will do. */
  readonly verify: "full" | "ca";
}

/** A statement as it was sent, and how long its answer took. Values are not shown: they may be secrets. */
export interface ObservedQuery {
  readonly sql: string;
  readonly milliseconds: number;
}

export interface StoreOptions {
  /** Hears of every statement, within the asynchronous context of the call that caused it. Must not throw. */
  readonly onQuery?: (query: ObservedQuery) => void;
  /** Milliseconds since 1970, for what the store itself dates; default `Date.now`. */
  readonly clock?: () => number;
}
