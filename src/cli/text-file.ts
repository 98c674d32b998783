import { readFile } from "node:fs/promises";
import { OmError } from "../contract/errors.ts";
import type { CliIo } from "./io.ts";

/** Bytes of a file; `-` is standard input. */
export async function readBytes(io: CliIo, path: string): Promise<Buffer> {
  try {
    return path === "-" ? await io.readInput() : await readFile(path);
  } catch (cause) {
    const reason =
      (cause as NodeJS.ErrnoException).code === "ENOENT" ? "there is none" : String((cause as Error).message);
    throw new OmError("request.invalid", `The file ${path} cannot be read: ${reason}.`, { cause });
  }
}

/** Text of a file; refuses what is not UTF-8, so that no name arrives garbled. */
export async function readText(io: CliIo, path: string): Promise<string> {
  const bytes = await readBytes(io, path);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new OmError(
      "request.invalid",
      `${path} is not UTF-8. Convert it first, for example: iconv -f GB18030 -t UTF-8 ${path}`,
      { cause },
    );
  }
}
