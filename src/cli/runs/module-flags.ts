import { parseArgs } from "node:util";
import { OmError, type Problem } from "../../contract/errors.ts";
import type { ParameterProperty, ParameterSchema, ParameterValue } from "../../contract/module.ts";
import { padded, textWidth } from "../terminal/text-width.ts";

/** A module's parameters as flags, made from its JSON Schema. */
export interface ModuleFlag {
  /** Parameter name in the module. */
  readonly name: string;
  /** Without the dashes. */
  readonly flag: string;
  readonly property: ParameterProperty;
  readonly required: boolean;
}

/** Flags that belong to `omserver run` itself: a parameter of such a name is given as `-p name=value`. */
export const ownFlags: ReadonlySet<string> = new Set([
  "become-user",
  "check",
  "detach",
  "dry-run",
  "help",
  "interpreter",
  "json",
  "max-failures",
  "param",
  "query",
  "script",
  "server",
  "timeout",
  "token",
  "version",
  "wave-size",
  "width",
  "yes-hosts",
]);

export function flagsOf(schema: ParameterSchema): ModuleFlag[] {
  return Object.entries(schema.properties).map(([name, property]) => ({
    name,
    flag: name.replaceAll("_", "-"),
    property,
    required: schema.required?.includes(name) === true && property.default === undefined,
  }));
}

/** `  --service <nginx|haproxy>  Which service (required)`, a line a flag; empty for none. */
export function flagHelp(flags: readonly ModuleFlag[]): string {
  const rows = flags.map(({ flag, property, required }) => {
    const notes = [
      required ? "required" : "",
      property.default === undefined ? "" : `default ${String(property.default)}`,
      sourceHelp(property),
    ].filter((note) => note !== "");
    const title = property.title ?? property.description ?? "";
    const text = [title, notes.length === 0 ? "" : `(${notes.join("; ")})`].filter((part) => part !== "").join(" ");
    return { name: placeholder(flag, property), text };
  });
  const width = Math.min(40, Math.max(0, ...rows.map(({ name }) => textWidth(name))));
  return rows.map(({ name, text }) => `  ${padded(name, width)}  ${text}`.trimEnd()).join("\n");
}

function placeholder(flag: string, property: ParameterProperty): string {
  if (ownFlags.has(flag)) return `-p ${flag}=<${property.type}>`;
  if (property.type === "boolean") return `--${flag}, --no-${flag}`;
  const choices =
    property.enum?.length !== undefined && property.enum.length <= 12 ? property.enum.join("|") : undefined;
  return `--${flag} <${choices ?? (property.format === "file" ? "file" : property.type)}>`;
}

function sourceHelp({ format }: ParameterProperty): string {
  switch (format) {
    case "file":
      return "name or SHA-256 of a library file; @path uploads one";
    case "password":
      return "a secret: @path reads it from a file, - from standard input; asked for when left out";
    case "multiline":
      return "@path reads it from a file";
    default:
      return "";
  }
}

/**
 * Values of the flags in `words`, besides `given` (`name=value`). Numbers are numbers and booleans booleans; what the
 * schema says about values is left to the server, which says it for every client.
 * Throws `module.parameters` for a flag that the module does not have, a word that is none, or text where a number is due.
 */
export function readFlags(
  flags: readonly ModuleFlag[],
  words: readonly string[],
  given: readonly string[] = [],
): Map<string, ParameterValue> {
  const values = new Map<string, ParameterValue>();
  for (const [name, text] of [...given.map(splitGiven), ...parsedWords(flags, words)]) {
    const flag = flags.find((known) => known.name === name || known.flag === name);
    if (flag === undefined) throw wrong(`There is no parameter “${name}”`, flags, `/${name}`);
    values.set(flag.name, typeof text === "boolean" ? text : typedValue(flag, text, flags));
  }
  return values;
}

function splitGiven(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw wrong(`“${text}” is not name=value`, [], "/parameters");
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function parsedWords(flags: readonly ModuleFlag[], words: readonly string[]): [string, string | boolean][] {
  const options = Object.fromEntries(
    flags.map(({ flag, property }) => [flag, { type: property.type === "boolean" ? "boolean" : "string" } as const]),
  );
  try {
    const { values } = parseArgs({
      args: [...words],
      options,
      strict: true,
      allowPositionals: false,
      allowNegative: true,
    });
    return Object.entries(values).filter((entry): entry is [string, string | boolean] => entry[1] !== undefined);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw wrong(error.message.split(". ")[0] ?? error.message, flags, "/parameters");
  }
}

function typedValue({ name, flag, property }: ModuleFlag, text: string, flags: readonly ModuleFlag[]): ParameterValue {
  switch (property.type) {
    case "string":
      return text;
    case "boolean":
      if (text !== "true" && text !== "false") throw wrong(`--${flag} must be true or false`, flags, `/${name}`);
      return text === "true";
    case "integer":
    case "number": {
      const value = Number(text);
      if (text.trim() === "" || !Number.isFinite(value)) throw wrong(`--${flag} must be a number`, flags, `/${name}`);
      return value;
    }
  }
}

function wrong(message: string, flags: readonly ModuleFlag[], place: string): OmError {
  const help = flags.length === 0 ? "The module takes no parameters." : `The module takes:\n${flagHelp(flags)}`;
  const problems: Problem[] = [{ place, message }];
  return new OmError("module.parameters", `${message}. ${help}`, { problems });
}
