import type {
  DatabaseConnection,
  DatabaseIntrospector,
  Dialect,
  DialectAdapter,
  Driver,
  Kysely,
  QueryCompiler,
  TransactionSettings,
} from "kysely";
import { CompiledQuery } from "kysely";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { textProblem } from "./check-text.ts";
import { asStoreError, isLocked } from "./store-errors.ts";

/**
 * A dialect of kysely's with the border that all three databases share: text that PostgreSQL could not hold is refused
 * everywhere alike (`request.invalid`), a database that does not answer is `store.unavailable`. `beginWith` replaces
 * the statement that begins a transaction (SQLite: `begin immediate`, so that a transaction that reads first and then
 * writes waits for its turn and does not fail half-way). While another process writes to a SQLite file, statements wait
 * here, where SQLite's own waiting would stop the whole process.
 */
export class GuardedDialect implements Dialect {
  readonly #inner: Dialect;
  readonly #name: string;
  readonly #beginWith: string | undefined;

  constructor(inner: Dialect, name: string, beginWith?: string) {
    this.#inner = inner;
    this.#name = name;
    this.#beginWith = beginWith;
  }

  createDriver(): Driver {
    return new GuardedDriver(this.#inner.createDriver(), this.#name, this.#beginWith);
  }

  createQueryCompiler(): QueryCompiler {
    return this.#inner.createQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return this.#inner.createAdapter();
  }

  createIntrospector(database: Kysely<unknown>): DatabaseIntrospector {
    return this.#inner.createIntrospector(database);
  }
}

class GuardedDriver implements Driver {
  readonly #inner: Driver;
  readonly #name: string;
  readonly #beginWith: string | undefined;
  readonly #guarded = new WeakSet<DatabaseConnection>();

  constructor(inner: Driver, name: string, beginWith: string | undefined) {
    this.#inner = inner;
    this.#name = name;
    this.#beginWith = beginWith;
  }

  init(): Promise<void> {
    return this.#translated(() => this.#inner.init());
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await this.#translated(() => this.#inner.acquireConnection());
    if (!this.#guarded.has(connection)) {
      this.#guarded.add(connection);
      const execute: DatabaseConnection["executeQuery"] = connection.executeQuery.bind(connection);
      connection.executeQuery = (query, options) => {
        refuseUnstorable(query.parameters);
        return this.#translated(() => patiently(() => execute(query, options)));
      };
    }
    return connection;
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    if (this.#beginWith === undefined) return await this.#inner.beginTransaction(connection, settings);
    await connection.executeQuery(CompiledQuery.raw(this.#beginWith));
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#inner.commitTransaction(connection);
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await this.#inner.rollbackTransaction(connection);
    } catch (error) {
      // SQLite has done it by itself, as on a full disk; what went wrong first is the one to tell.
      if (!isNoTransaction(error)) throw error;
    }
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    return this.#inner.releaseConnection(connection);
  }

  destroy(): Promise<void> {
    return this.#inner.destroy();
  }

  async #translated<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw asStoreError(error, this.#name);
    }
  }
}

function isNoTransaction(error: unknown): boolean {
  return error instanceof Error && error.message.includes("no transaction is active");
}

const longestWaitMilliseconds = 10_000;

async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const end = performance.now() + longestWaitMilliseconds;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isLocked(error) || performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 4));
    }
  }
}

/** The last line: repositories check what people type and name the field; nothing that slips by is stored changed. */
function refuseUnstorable(parameters: readonly unknown[]): void {
  for (const parameter of parameters) {
    if (typeof parameter !== "string") continue;
    const problem = textProblem(parameter);
    if (problem !== undefined)
      throw new OmError("request.invalid", reasonText("request_text_fault", { fault: problem }));
  }
}
