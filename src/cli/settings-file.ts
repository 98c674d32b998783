import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { OmError } from "../contract/errors.ts";

const settingsShape = z.object({ server: z.url().optional(), token: z.string().min(1).optional() });

/** Where the commands go, and as whom. */
export type ClientSettings = z.output<typeof settingsShape>;

/** `omserver/client.json` in the XDG configuration folder. */
export function settingsPath(environment: Readonly<Record<string, string | undefined>>): string {
  const base = environment.XDG_CONFIG_HOME || join(environment.HOME || homedir(), ".config");
  return join(base, "omserver", "client.json");
}

/** Empty when there is no file. Refuses (`config.invalid`) a file that others can read: it holds a token. */
export function readSettings(path: string): ClientSettings {
  let text: string;
  try {
    const { mode } = statSync(path);
    if ((mode & 0o077) !== 0) {
      throw new OmError("config.invalid", `Others can read ${path}, which holds your token. Run: chmod 600 ${path}`);
    }
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof OmError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new OmError("config.invalid", `${path} cannot be read.`, { cause });
  }
  try {
    return settingsShape.parse(JSON.parse(text));
  } catch (cause) {
    throw new OmError("config.invalid", `${path} is not as “omserver login” writes it. Sign in again.`, { cause });
  }
}

/** Replaces the file in one step; only its owner can read it. */
export function writeSettings(path: string, settings: ClientSettings): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.new`;
  try {
    writeFileSync(temporary, `${JSON.stringify(settings, undefined, 2)}\n`, { mode: 0o600 });
    chmodSync(temporary, 0o600);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
