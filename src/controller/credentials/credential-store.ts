import { z } from "zod";
import type { Credential } from "../../contract/credential.ts";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { JournalDatabase } from "../spool/database.ts";
import type { SealingKey } from "./sealing-key.ts";

/** Ways into hosts, each encrypted at rest. Nothing here gives a secret to anyone but an engine. */
export interface CredentialStore {
  /** `secret` is the JSON of a Credential. Adds or replaces. Throws `credential.unusable` when it is not one. */
  put(name: string, secret: Uint8Array): void;
  /** Nothing happens when there is none. */
  delete(name: string): void;
  has(name: string): boolean;
  /** Throws `credential.unusable` when there is none of this name. */
  get(name: string): Credential;
}

/** Used for hosts that name no credential, where it exists. */
export const defaultCredentialName = "default";

const text = z.string().min(1).max(65_536);
const optional = text.optional();
const credential = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("key"),
    user: optional,
    privateKey: text,
    passphrase: optional,
    certificate: optional,
    becomePassword: optional,
  }),
  z.strictObject({
    kind: z.literal("key_file"),
    user: optional,
    path: text,
    passphrase: optional,
    certificatePath: optional,
    becomePassword: optional,
  }),
  z.strictObject({ kind: z.literal("agent"), user: optional, socket: optional, becomePassword: optional }),
  z.strictObject({ kind: z.literal("password"), user: optional, password: text, becomePassword: optional }),
]);

export function createCredentialStore(database: JournalDatabase, key: SealingKey, controller: string): CredentialStore {
  const select = database.sql.prepare<[string], { sealed: Buffer }>("SELECT sealed FROM credential WHERE name = ?");
  const upsert = database.sql.prepare<[string, Uint8Array]>(
    "INSERT INTO credential (name, sealed) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed",
  );
  const remove = database.sql.prepare<[string]>("DELETE FROM credential WHERE name = ?");
  return {
    put(name, secret) {
      if (!/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,126}$/.test(name)) {
        throw new OmError("credential.unusable", reasonText("credential_name_form"));
      }
      upsert.run(name, key.seal(Buffer.from(JSON.stringify(parse(name, secret))), `credential ${name}`));
    },
    delete(name) {
      remove.run(name);
    },
    has: (name) => select.get(name) !== undefined,
    get(name) {
      const row = select.get(name);
      if (row === undefined) {
        throw new OmError("credential.unusable", reasonText("credential_not_held", { controller, name }));
      }
      return parse(name, key.open(row.sealed, `credential ${name}`));
    },
  };
}

/** The cause is left out of the error: it could quote the secret. */
function parse(name: string, secret: Uint8Array): Credential {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(secret).toString("utf8"));
  } catch {
    throw new OmError("credential.unusable", reasonText("credential_damaged", { name }));
  }
  const parsed = credential.safeParse(value);
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new OmError(
    "credential.unusable",
    place === ""
      ? reasonText("credential_incomplete", { name })
      : reasonText("credential_incomplete_at", { name, place }),
  );
}
