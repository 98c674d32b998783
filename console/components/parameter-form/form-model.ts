import type {
  ParameterProperty,
  ParameterSchema,
  ParameterValue,
  ParameterValues,
} from "../../../src/contract/module.ts";

export type FieldKind = "text" | "multiline" | "password" | "number" | "boolean" | "choice" | "file";

/** One field of a form, with its texts in the language asked for. */
export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly title: string;
  readonly description: string;
  readonly required: boolean;
  readonly property: ParameterProperty;
  /** For `choice`, in the schema's order. */
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly example: string;
  /** A value of one fixed content: shown, not asked. */
  readonly fixed: boolean;
}

/** What a form holds: text as typed, `undefined` for nothing yet. */
export type Draft = Readonly<Record<string, string | boolean | undefined>>;

/** What is wrong with a field; the texts are in the dictionary under `form.fault`. */
export type Fault =
  | { readonly kind: "required" | "number" | "integer" | "path" | "hostname" | "pattern" }
  | { readonly kind: "minimum" | "maximum" | "minLength" | "maxLength"; readonly limit: number };

export function formFields(schema: ParameterSchema, language: "zh" | "en"): readonly Field[] {
  return Object.entries(schema.properties).map(([name, property]) => {
    const texts = language === "zh" ? property["x-zh"] : property["x-en"];
    const kind = kindOf(property);
    return {
      name,
      kind,
      title: texts?.title ?? property.title ?? name,
      description: texts?.description ?? property.description ?? "",
      required: schema.required?.includes(name) === true && kind !== "boolean",
      property,
      choices: (property.enum ?? []).map((value) => ({
        value: String(value),
        label: texts?.enum?.[String(value)] ?? String(value),
      })),
      example: property.examples?.[0] === undefined ? "" : String(property.examples[0]),
      fixed: property.const !== undefined,
    };
  });
}

/** The form before anything was typed: defaults and fixed values; secrets always start empty. */
export function firstDraft(fields: readonly Field[], remembered: Draft = {}): Draft {
  return Object.fromEntries(
    fields.map((field) => {
      const { property } = field;
      const given = property.const ?? (field.kind === "password" ? undefined : property.default);
      const kept = field.fixed || field.kind === "password" ? undefined : remembered[field.name];
      if (field.kind === "boolean") return [field.name, (kept ?? given) === true];
      return [field.name, kept ?? (given === undefined ? undefined : String(given))];
    }),
  );
}

/** What may be kept of a form for the next time: no secrets, no fixed values, no files (they may be gone by then). */
export function rememberable(fields: readonly Field[], draft: Draft): Draft {
  return Object.fromEntries(
    fields
      .filter((field) => isKept(field) && draft[field.name] !== undefined)
      .map(({ name }) => [name, draft[name]] as const),
  );
}

/** Remembered values that the form still takes; the module may have changed since. */
export function validValues(fields: readonly Field[], kept: Draft): Draft {
  return Object.fromEntries(
    fields
      .filter((field) => isKept(field) && isValid(field, kept[field.name]))
      .map(({ name }) => [name, kept[name]] as const),
  );
}

function isKept(field: Field): boolean {
  return !field.fixed && field.kind !== "password" && field.kind !== "file";
}

function isValid(field: Field, value: string | boolean | undefined): boolean {
  if (value === undefined || (typeof value === "boolean") !== (field.kind === "boolean")) return false;
  if (field.kind === "choice" && !field.choices.some((choice) => choice.value === value)) return false;
  return faultOf(field, value) === undefined;
}

/** The first fault of every faulty field. The server checks again with the whole of the schema. */
export function draftFaults(fields: readonly Field[], draft: Draft): Readonly<Record<string, Fault>> {
  const faults: Record<string, Fault> = {};
  for (const field of fields) {
    const fault = faultOf(field, draft[field.name]);
    if (fault !== undefined) faults[field.name] = fault;
  }
  return faults;
}

/** The values as the API takes them; fields with nothing in them are left out. */
export function draftValues(fields: readonly Field[], draft: Draft): ParameterValues {
  const values: Record<string, ParameterValue> = {};
  for (const field of fields) {
    const given = draft[field.name];
    if (typeof given === "boolean") values[field.name] = given;
    else if (given !== undefined && given !== "")
      values[field.name] = isNumeric(field.property) ? Number(given) : given;
  }
  return values;
}

function kindOf(property: ParameterProperty): FieldKind {
  if (property.type === "boolean") return "boolean";
  if (property.enum !== undefined) return "choice";
  if (isNumeric(property)) return "number";
  switch (property.format) {
    case "multiline":
    case "password":
    case "file":
      return property.format;
    case "path":
    case "hostname":
    case undefined:
      return "text";
  }
}

function isNumeric(property: ParameterProperty): boolean {
  return property.type === "integer" || property.type === "number";
}

function faultOf(field: Field, given: string | boolean | undefined): Fault | undefined {
  if (typeof given === "boolean") return undefined;
  if (given === undefined || given === "") return field.required ? { kind: "required" } : undefined;
  return isNumeric(field.property) ? numberFault(field.property, given) : textFault(field.property, given);
}

function numberFault({ type, minimum, maximum }: ParameterProperty, given: string): Fault | undefined {
  const value = Number(given);
  if (given.trim() === "" || !Number.isFinite(value)) return { kind: "number" };
  if (type === "integer" && !Number.isSafeInteger(value)) return { kind: "integer" };
  if (minimum !== undefined && value < minimum) return { kind: "minimum", limit: minimum };
  if (maximum !== undefined && value > maximum) return { kind: "maximum", limit: maximum };
  return undefined;
}

function textFault({ minLength, maxLength, pattern, format }: ParameterProperty, given: string): Fault | undefined {
  const length = [...given].length;
  if (minLength !== undefined && length < minLength) return { kind: "minLength", limit: minLength };
  if (maxLength !== undefined && length > maxLength) return { kind: "maxLength", limit: maxLength };
  if (format === "path" && !given.startsWith("/")) return { kind: "path" };
  if (format === "hostname" && !/^[A-Za-z0-9](?:[A-Za-z0-9._:-]*[A-Za-z0-9])?$/.test(given))
    return { kind: "hostname" };
  if (pattern !== undefined && !matches(pattern, given)) return { kind: "pattern" };
  return undefined;
}

/** A pattern that this browser cannot read is left to the server. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return true;
  }
}
