import type { HostKeyPolicy } from "./host-keys/host-keys.ts";
import type { KeptStatements } from "./orders/trusted-keys.ts";
import type { JournalDatabase } from "./spool/database.ts";

/** What the web server has set on this controller; kept over restarts. */
export interface Settings {
  /** `strict` until somebody chooses otherwise. */
  hostKeyPolicy(): HostKeyPolicy;
  setHostKeyPolicy(policy: HostKeyPolicy): void;
  readonly keyStatements: KeptStatements;
}

export function createSettings(database: JournalDatabase): Settings {
  const select = database.sql.prepare<[string], { value: string }>("SELECT value FROM setting WHERE name = ?");
  const upsert = database.sql.prepare<[string, string]>(
    "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
  );
  let policy: HostKeyPolicy = select.get("host_key_policy")?.value === "accept_new" ? "accept_new" : "strict";
  return {
    hostKeyPolicy: () => policy,
    setHostKeyPolicy(next) {
      upsert.run("host_key_policy", next);
      policy = next;
    },
    keyStatements: {
      read() {
        const kept = select.get("order_keys")?.value;
        return kept === undefined ? undefined : Buffer.from(kept, "base64");
      },
      write: (announced) => void upsert.run("order_keys", Buffer.from(announced).toString("base64")),
    },
  };
}
