import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink, realpath } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { reasonText } from "../../contract/reasons.ts";

const mostEntries = 50_000;

/** Whether a path is the folder itself or in it. */
function isBelow(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The real path of a name in the folder. Throws a sentence when it is not there or leads out. */
export async function pathInside(folder: string, name: string): Promise<string> {
  const root = await realpath(folder);
  const path = await realpath(join(root, name)).catch(() => undefined);
  if (path === undefined) throw new Error(reasonText("ansible_not_in_project", { name }));
  if (!isBelow(root, path)) throw new Error(reasonText("ansible_leads_out", { name }));
  return path;
}

/**
 * Looks at everything in a folder and gives the SHA-256 of it all: of each entry its path, whether it can be executed, and
 * its content or where it points to, in the order of paths. Throws a sentence for a link that leads out of the folder and
 * for what is neither file, folder nor link.
 */
export async function checkTree(folder: string): Promise<string> {
  const root = await realpath(folder);
  const digest = createHash("sha256");
  let entries = 0;

  async function walk(path: string): Promise<void> {
    const names = (await readdir(path)).filter((name) => name !== ".git").sort();
    for (const name of names) {
      entries += 1;
      if (entries > mostEntries)
        throw new Error(reasonText("ansible_many_files", { count: mostEntries.toLocaleString("en") }));
      await look(join(path, name));
    }
  }
  async function look(path: string): Promise<void> {
    const name = relative(root, path);
    const state = await lstat(path);
    if (state.isSymbolicLink()) {
      const target = await readlink(path);
      // Where it points by its text alone: what is there now may be exchanged later.
      const aim = resolve(dirname(path), target);
      const real = await realpath(path).catch(() => aim);
      if (!isBelow(root, aim) || !isBelow(root, real)) throw new Error(reasonText("ansible_link_out", { name }));
      digest.update(`link ${JSON.stringify([name, target])}\n`);
    } else if (state.isDirectory()) {
      digest.update(`folder ${JSON.stringify(name)}\n`);
      await walk(path);
    } else if (state.isFile()) {
      digest.update(`file ${JSON.stringify([name, (state.mode & 0o100) !== 0, await fileSha256(path)])}\n`);
    } else throw new Error(reasonText("ansible_neither", { name }));
  }

  await walk(root);
  return digest.digest("hex");
}

async function fileSha256(path: string): Promise<string> {
  const digest = createHash("sha256");
  for await (const chunk of createReadStream(path)) digest.update(chunk as Buffer);
  return digest.digest("hex");
}
