import { basename } from "node:path";
import { OmError } from "../../contract/errors.ts";
import type { ParameterValue } from "../../contract/module.ts";
import type { ClientContext } from "../client-command.ts";
import { readBytes, readText } from "../text-file.ts";
import { type ModuleFlag, readFlags } from "./module-flags.ts";

/**
 * The values for a module's form from the words of the command line: secrets, long texts and library files are fetched
 * from where the word says (`@path`, `-`), and a required secret that was left out is asked for.
 */
export async function collectParameters(
  context: ClientContext,
  flags: readonly ModuleFlag[],
  words: readonly string[],
  given: readonly string[],
): Promise<Record<string, ParameterValue>> {
  const values = readFlags(flags, words, given);
  for (const { name, flag, property, required } of flags) {
    const value = values.get(name);
    if (property.format === "password") {
      const secret = await secretValue(context, flag, value, required);
      if (secret !== undefined) values.set(name, secret);
    } else if (typeof value === "string" && property.format === "multiline" && value.startsWith("@")) {
      values.set(name, value.startsWith("@@") ? value.slice(1) : await readText(context.io, value.slice(1)));
    } else if (typeof value === "string" && property.format === "file") {
      values.set(name, await libraryFile(context, value));
    }
  }
  return Object.fromEntries(values);
}

async function secretValue(
  { io }: ClientContext,
  flag: string,
  value: ParameterValue | undefined,
  required: boolean,
): Promise<ParameterValue | undefined> {
  if (value === undefined) {
    return required && io.canAsk ? await io.ask(`${flag}: `, { hidden: true }) : undefined;
  }
  if (typeof value !== "string" || (value !== "-" && !value.startsWith("@"))) return value;
  if (value.startsWith("@@")) return value.slice(1);
  return (await readText(io, value === "-" ? "-" : value.slice(1))).replace(/\r?\n$/, "");
}

/** SHA-256 of a library file by its name or hash, or of a file that is uploaded for it. */
async function libraryFile({ client, io, say }: ClientContext, value: string): Promise<string> {
  if (/^[0-9a-f]{64}$/.test(value) || value === "") return value;
  if (value.startsWith("@")) {
    const path = value.slice(1);
    const bytes = await readBytes(io, path);
    const file = await client.call("POST /files", { query: { name: basename(path) }, upload: bytes });
    say(`Uploaded ${file.name} (${file.bytes} bytes).`);
    return file.sha256;
  }
  const { files } = await client.call("GET /files", {});
  const found = files.find(({ name }) => name === value);
  if (found !== undefined) return found.sha256;
  const names = files.map(({ name }) => name);
  throw new OmError(
    "module.parameters",
    `The library has no file “${value}”. ${names.length === 0 ? "It is empty" : `It has: ${names.slice(0, 20).join(", ")}`}. Upload one with @path.`,
  );
}
