import { constants } from "node:fs";
import { type FileHandle, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { OmError } from "../contract/errors.ts";
import type { ModuleManifest } from "../contract/module.ts";
import { largestScriptBytes } from "./manifest-schema.ts";
import { parseModule } from "./parse.ts";
import { scriptFiles } from "./script-files.ts";
import { largestSourceBytes, readYaml } from "./yaml-source.ts";

const manifestName = "module.yaml";

/**
 * The modules of a folder: the one whose `module.yaml` it holds, or those of its subfolders, by number. A script may
 * name a file that lies beside the manifest (`script: {file: run.sh}`); it is read in. Links are not followed.
 * Throws OmError `module.invalid` naming the file for the first module that is not valid, that has no number, or whose
 * number or key another has too; and when the folder holds no module.
 */
export async function loadModuleFolder(path: string): Promise<ModuleManifest[]> {
  const folders = await moduleFolders(path);
  const modules: ModuleManifest[] = [];
  const taken = new Map<string, string>();
  for (const folder of folders) {
    const manifest = await loadModule(folder);
    for (const name of [`id ${manifest.id}`, `key ${manifest.key}`]) {
      const other = taken.get(name);
      if (other) throw refusal(join(folder, manifestName), `has the ${name}, which ${other} has too`);
      taken.set(name, folder);
    }
    modules.push(manifest);
  }
  return modules.sort((left, right) => left.id - right.id);
}

async function moduleFolders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
    throw refusal(path, "cannot be read as a folder of modules", cause);
  });
  if (entries.some((entry) => entry.name === manifestName && entry.isFile())) return [path];
  const folders: string[] = [];
  for (const entry of entries.filter((candidate) => candidate.isDirectory()).sort(byName)) {
    const inside = await readdir(join(path, entry.name));
    if (inside.includes(manifestName)) folders.push(join(path, entry.name));
  }
  if (folders.length === 0) throw refusal(path, `holds no module: no ${manifestName} in it or in a folder of it`);
  return folders;
}

async function loadModule(folder: string): Promise<ModuleManifest> {
  const file = join(folder, manifestName);
  const source = await readText(file, largestSourceBytes);
  const read = readYaml(source);
  const scripts = new Map<string, string>();
  for (const name of "value" in read ? scriptFiles(read.value) : []) {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(name)) {
      throw refusal(file, `names the script ${JSON.stringify(name)}, which is no plain file name`);
    }
    scripts.set(name, await readText(join(folder, name), largestScriptBytes));
  }
  try {
    const manifest = parseModule(source, scripts);
    if (manifest.id === 0) throw refusal(file, "must have an id: a module from a folder keeps its number");
    return manifest;
  } catch (error) {
    if (!(error instanceof OmError) || error.problems.length === 0) throw error;
    throw new OmError("module.invalid", `${file}: ${error.message}`, { cause: error, problems: error.problems });
  }
}

async function readText(path: string, mostBytes: number): Promise<string> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { size } = await file.stat();
    if (size > mostBytes) throw refusal(path, `is longer than ${mostBytes / 1024} KiB`);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(await file.readFile());
  } catch (cause) {
    if (cause instanceof OmError) throw cause;
    const why = cause instanceof TypeError ? "is not UTF-8 text" : "cannot be read as a regular file";
    throw refusal(path, why, cause);
  } finally {
    await file?.close();
  }
}

function byName(left: { name: string }, right: { name: string }): number {
  return left.name < right.name ? -1 : 1;
}

function refusal(path: string, why: string, cause?: unknown): OmError {
  return new OmError("module.invalid", `${path} ${why}.`, cause === undefined ? {} : { cause });
}
