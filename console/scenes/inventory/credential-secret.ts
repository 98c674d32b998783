import type { Credential, CredentialKind } from "../../../src/contract/credential.ts";

export type SecretField =
  | "user"
  | "privateKey"
  | "passphrase"
  | "certificate"
  | "path"
  | "certificatePath"
  | "socket"
  | "password"
  | "becomePassword";

export type SecretDraft = Readonly<Partial<Record<SecretField, string>>>;

interface FieldShape {
  readonly name: SecretField;
  readonly shape: "text" | "secret" | "block";
  readonly required: boolean;
}

const text = (name: SecretField, required = false): FieldShape => ({ name, shape: "text", required });
const hidden = (name: SecretField, required = false): FieldShape => ({ name, shape: "secret", required });
const block = (name: SecretField, required = false): FieldShape => ({ name, shape: "block", required });

/** Fields whose meaning needs a word more. */
export const hintedFields = ["privateKey", "certificate", "path", "socket", "becomePassword"] as const;

/** What the form asks for each kind. */
export const secretFields: Readonly<Record<CredentialKind, readonly FieldShape[]>> = {
  key: [text("user"), block("privateKey", true), hidden("passphrase"), block("certificate"), hidden("becomePassword")],
  key_file: [text("user"), text("path", true), hidden("passphrase"), text("certificatePath"), hidden("becomePassword")],
  agent: [text("user"), text("socket"), hidden("becomePassword")],
  password: [text("user"), hidden("password", true), hidden("becomePassword")],
};

/** The secret as the API takes it; undefined while something needed is missing. Empty fields are left out. */
export function credentialSecret(kind: CredentialKind, draft: SecretDraft): Credential | undefined {
  const given: Record<string, string> = {};
  for (const { name, required } of secretFields[kind]) {
    const value = draft[name] ?? "";
    if (value !== "") given[name] = value;
    else if (required) return undefined;
  }
  // The fields of the kind, and only those, with every needed one there: see secretFields.
  return { kind, ...given } as unknown as Credential;
}
