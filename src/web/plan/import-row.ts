import { type EngineId, engineIds } from "../../contract/engine.ts";
import { hostFields } from "../../contract/http/schemas.ts";
import { parseJumpHosts } from "./jump-hosts.ts";

/** What an import may say of a host besides its name and category. */
export interface ImportedFields {
  readonly outerAddress: string;
  readonly innerAddress: string;
  readonly port: number;
  readonly os: string;
  readonly engines: readonly EngineId[];
  /** Empty leaves it to the categories. */
  readonly zone: string;
  readonly user: string;
  readonly credential: string;
  readonly proxyJump: string;
  readonly tags: readonly string[];
  readonly enabled: boolean;
  /** Keeps what it runs until that is told. */
  readonly claim: boolean;
  readonly note: string;
}

export interface CategoryPath {
  readonly functionCategory: string;
  readonly appCategory: string;
}

/** A host as a file tells it; a field that the file does not speak of is not in `fields`. */
export interface ImportRow {
  readonly line: number;
  readonly column: number;
  readonly name: string;
  readonly fields: Partial<ImportedFields>;
  readonly category?: CategoryPath;
}

/** What of a file cannot be taken over. Line and column are 1-based, columns in characters. */
export interface RefusedRow {
  readonly line: number;
  readonly column?: number;
  /** The start of what stands there. */
  readonly text: string;
  readonly reason: string;
}

export interface ParsedImport {
  readonly rows: readonly ImportRow[];
  readonly refused: readonly RefusedRow[];
}

/** The value as the inventory takes it, or why it does not. */
export type Checked<Value> = { readonly value: Value } | { readonly problem: string };

type HostField = "name" | keyof ImportedFields;

/** Holds a value to the same rules as the API does. */
export function checkField<Field extends HostField>(
  field: Field,
  value: unknown,
): Checked<Field extends keyof ImportedFields ? ImportedFields[Field] : string> {
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  if (text.includes("\0")) return { problem: "must not contain a NUL character" };
  if (!text.isWellFormed()) return { problem: "must be well-formed Unicode" };
  const result = hostFields.shape[field].safeParse(value);
  if (!result.success) return { problem: `${problemOf(field, text)}${text === "" ? "" : `, not “${startOf(text)}”`}` };
  const jumps = field === "proxyJump" ? parseJumpHosts(text) : [];
  if ("message" in jumps) return { problem: jumps.message };
  return { value: result.data as never };
}

function problemOf(field: HostField, text: string): string {
  switch (field) {
    case "name":
      return text === ""
        ? "must not be empty"
        : "must begin with a letter or digit and hold only letters, digits, “.”, “_” and “-”";
    case "outerAddress":
    case "innerAddress":
      return "must be an IPv4 or IPv6 address or a DNS name";
    case "port":
      return "must be a number from 1 to 65535";
    case "engines":
      return `must be one or more of ${engineIds.join(", ")}, each once`;
    case "zone":
      return "must be one word of letters, digits, “.”, “_” and “-”";
    case "user":
      return "must be a user name";
    case "enabled":
    case "claim":
      return "must be yes or no";
    case "tags":
      return "must be at most 64 tags of letters, digits, “.”, “_”, “:” and “-”";
    case "os":
      return "must be at most 64 characters on one line";
    case "credential":
      return "must be the name of a credential";
    case "proxyJump":
      return "must be at most 1024 characters";
    case "note":
      return "must be at most 2000 characters";
  }
}

/** The first 200 characters, without control characters, for showing. */
export function startOf(text: string): string {
  const characters = [...text.slice(0, 420)];
  const start = characters
    .slice(0, 200)
    .join("")
    .replace(/[\p{Cc}\p{Cs}]/gu, "�");
  return text.length > start.length ? `${start}…` : start;
}
