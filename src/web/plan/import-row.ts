import { type EngineId, engineIds } from "../../contract/engine.ts";
import { hostFields } from "../../contract/http/schemas/inventory.ts";
import { reasonText } from "../../contract/reasons.ts";
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
  if (text.includes("\0")) return { problem: reasonText("field_no_nul") };
  if (!text.isWellFormed()) return { problem: reasonText("text_well_formed_only") };
  const result = hostFields.shape[field].safeParse(value);
  if (!result.success) {
    const fault = problemOf(field, text);
    return { problem: text === "" ? fault : reasonText("field_not", { fault, text: startOf(text) }) };
  }
  const jumps = field === "proxyJump" ? parseJumpHosts(text) : [];
  if ("message" in jumps) return { problem: jumps.message };
  return { value: result.data as never };
}

function problemOf(field: HostField, text: string): string {
  switch (field) {
    case "name":
      return text === "" ? reasonText("must_not_be_empty") : reasonText("field_host_name");
    case "outerAddress":
    case "innerAddress":
      return reasonText("field_address");
    case "port":
      return reasonText("field_port");
    case "engines":
      return reasonText("field_engines", { engines: engineIds.join(", ") });
    case "zone":
      return reasonText("field_zone");
    case "user":
      return reasonText("field_user");
    case "enabled":
    case "claim":
      return reasonText("field_yes_no");
    case "tags":
      return reasonText("field_tags");
    case "os":
      return reasonText("field_os");
    case "credential":
      return reasonText("field_credential");
    case "proxyJump":
      return reasonText("field_jumps_long");
    case "note":
      return reasonText("field_note_long");
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
