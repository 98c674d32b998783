import type { Tables } from "./tables.ts";

export type TableName = keyof Tables;

export interface StoredTable {
  readonly name: TableName;
  /** Primary key, for reading in order and piece by piece. */
  readonly key: readonly string[];
  /** Columns that hold bytes. */
  readonly binary: readonly string[];
  /** Its `id` is given by the database and must go on behind the highest restored one. */
  readonly numbered: boolean;
  readonly rowsAtOnce: number;
}

const plain = { binary: [], numbered: false, rowsAtOnce: 1000 } as const;
const numbered = { ...plain, key: ["id"], numbered: true } as const;

/** All tables of the store, each after those that it refers to. A test holds the list against the databases. */
export const storedTables: readonly StoredTable[] = [
  { name: "inventory_version", key: ["id"], ...plain },
  { name: "function_category", ...numbered },
  { name: "app_category", ...numbered },
  { name: "host", ...numbered },
  { name: "module", key: ["id"], ...plain },
  { name: "module_version", key: ["module_id", "version"], ...plain, rowsAtOnce: 20 },
  { name: "run", ...numbered, rowsAtOnce: 100 },
  { name: "run_controller", key: ["run_id", "controller"], ...plain },
  { name: "run_order", key: ["run_id", "controller", "part"], ...plain, binary: ["order_bytes"], rowsAtOnce: 4 },
  { name: "run_waiting_plan", key: ["run_id", "part"], ...plain, binary: ["plan_bytes"], rowsAtOnce: 4 },
  { name: "run_app_category", key: ["run_id", "app_category_id"], ...plain },
  { name: "execution", key: ["run_id", "position"], ...plain },
  {
    name: "output_chunk",
    key: ["run_id", "position", "stream", "chunk_offset"],
    ...plain,
    binary: ["data"],
    rowsAtOnce: 16,
  },
  { name: "execution_step", key: ["run_id", "position", "seq"], ...plain, rowsAtOnce: 100 },
  { name: "execution_notice", key: ["run_id", "position", "seq"], ...plain },
  { name: "host_facts", key: ["host_id"], ...plain, rowsAtOnce: 20 },
  { name: "output", key: ["sha256", "block"], ...plain, binary: ["data"], rowsAtOnce: 64 },
  { name: "app_user", ...numbered },
  { name: "token", ...numbered },
  { name: "audit", key: ["seq"], ...plain, rowsAtOnce: 100 },
  { name: "library_file", ...numbered },
  { name: "credential", ...numbered },
  { name: "controller", key: ["name"], ...plain },
  { name: "controller_invitation", key: ["token_sha256"], ...plain },
  { name: "controller_certificate", key: ["serial"], ...plain },
  { name: "credential_controller", key: ["credential_id", "controller"], ...plain },
  { name: "shell_command", ...numbered },
  { name: "report_token", key: ["host_id"], ...plain },
  { name: "saved_view", ...numbered },
  { name: "setting", key: ["setting_key"], ...plain, rowsAtOnce: 20 },
];

/** A store in which any of these has a row holds somebody's work. The others are filled by the first start already. */
export const tablesOfWork: readonly TableName[] = [
  "function_category",
  "run",
  "app_user",
  "audit",
  "library_file",
  "credential",
];
