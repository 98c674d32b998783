import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";

/** What the three drivers call the same thing: SQLite's `code`, MySQL's `errno`, PostgreSQL's SQLSTATE in `code`. */
interface DriverError {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly message?: unknown;
}

const retryableCodes = new Set<unknown>(["40001", "40P01", "55P03", "ER_LOCK_DEADLOCK", "ER_LOCK_WAIT_TIMEOUT"]);
/** A violated unique key, on any of the three. */
const uniqueCodes = new Set<unknown>([
  "SQLITE_CONSTRAINT_UNIQUE",
  "SQLITE_CONSTRAINT_PRIMARYKEY",
  "ER_DUP_ENTRY",
  "23505",
]);
const foreignKeyCodes = new Set<unknown>([
  "SQLITE_CONSTRAINT_FOREIGNKEY",
  "ER_NO_REFERENCED_ROW_2",
  "ER_ROW_IS_REFERENCED_2",
  "23503",
]);
/** The database, its file or the way to it is at fault, not the statement. PostgreSQL's classes 08, 28, 3D, 53, 57, 58, XX. */
const unavailableCode =
  /^(?:SQLITE_(?:BUSY|LOCKED|IOERR|FULL|CORRUPT|NOTADB|READONLY|CANTOPEN|PERM|NOMEM|AUTH)|E[A-Z]{3,}$|EAI_|PROTOCOL_|ER_(?:ACCESS|DBACCESS|BAD_DB|CON_COUNT|SERVER_SHUTDOWN|DISK_FULL|RECORD_FILE_FULL|OPTION_PREVENTS|QUERY_INTERRUPTED|OUT_OF_RES|TOO_MANY_USER)|(?:08|28|3D|53|57|58|XX)[0-9A-Z]{3}$)/;
/** What TLS says of a server that is not the one it should be; OpenSSL's names as Node gives them. */
const tlsCode =
  /^(?:ERR_(?:TLS|SSL|OSSL)_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|CERT_|INVALID_(?:CA|PURPOSE)|HOSTNAME_MISMATCH|HANDSHAKE_)/;
/** Faults of a connection for which pg has no code. */
const unavailableMessage =
  /connection terminated|timeout exceeded when trying to connect|connection is in closed state|does not support SSL connections/i;

export function isUniqueViolation(error: unknown): boolean {
  return uniqueCodes.has(driverError(error).code);
}

export function isForeignKeyViolation(error: unknown): boolean {
  return foreignKeyCodes.has(driverError(error).code);
}

/** The database gave up this transaction for the sake of another: the same again may well pass. */
export function isRetryable(error: unknown): boolean {
  return retryableCodes.has(driverError(error).code);
}

/** Another process writes to the SQLite file just now; the statement had no effect. */
export function isLocked(error: unknown): boolean {
  return driverError(error).code === "SQLITE_BUSY";
}

/** The error as the store throws it: `store.unavailable` where the database is at fault, else itself. */
export function asStoreError(error: unknown, database: string): unknown {
  if (error instanceof OmError) return error;
  const { code, message } = driverError(error);
  const text = typeof message === "string" ? message : "";
  const isCode = typeof code === "string" && (unavailableCode.test(code) || tlsCode.test(code));
  const unavailable = isCode || unavailableMessage.test(text);
  if (!unavailable) return error;
  return new OmError("store.unavailable", reasonText("database_unusable", { database, detail: text || String(code) }), {
    cause: error,
  });
}

/** `request.not_found` about a thing that should be there. */
export function notFound(what: string): OmError {
  return new OmError("request.not_found", reasonText("thing_gone", { what }));
}

function driverError(error: unknown): DriverError {
  return typeof error === "object" && error !== null ? error : {};
}
