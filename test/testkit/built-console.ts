import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageFolder } from "../../src/daemon/config.ts";

const cache = join(packageFolder, "node_modules", ".cache", "omserver-console");
const sources = ["console", "src/contract", "package-lock.json"];

/** Folder of the console as it is built now. Built once for the same sources, also when several tests ask at once. */
export async function builtConsole(): Promise<string> {
  const folder = join(cache, sourcesHash());
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const own = `${folder}.${process.pid}`;
  await runVite([
    "build",
    "--config",
    "console/vite.config.ts",
    "--outDir",
    own,
    "--emptyOutDir",
    "--logLevel",
    "error",
  ]);
  try {
    renameSync(own, folder);
  } catch {
    // Another test was faster; its result is the same.
    rmSync(own, { recursive: true, force: true });
  }
  return folder;
}

/** In a process of its own: the test runner's environment would make it a development build. */
async function runVite(words: readonly string[]): Promise<void> {
  const { NODE_ENV: _, ...env } = process.env;
  const vite = join(packageFolder, "node_modules", "vite", "bin", "vite.js");
  await promisify(execFile)(process.execPath, [vite, ...words], { cwd: packageFolder, env });
}

function sourcesHash(): string {
  const hash = createHash("sha256");
  for (const source of sources) {
    const path = join(packageFolder, source);
    const files = source.includes(".")
      ? [path]
      : readdirSync(path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && !entry.name.includes(".test."))
          .map((entry) => join(entry.parentPath, entry.name))
          .sort();
    for (const file of files) hash.update(file).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex").slice(0, 20);
}
