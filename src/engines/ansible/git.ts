import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { reasonText } from "../../contract/reasons.ts";

const fetchMilliseconds = 10 * 60_000;
const underway = new Map<string, Promise<unknown>>();

/**
 * The files of one commit, in a new folder below `parent` that is the caller's to remove. What was fetched once is kept
 * (`parent/git`) and not fetched again: a full commit id says for good what is in it. Nothing of the repository runs: no
 * hooks, filters or submodules, and no configuration but what stands here. Throws a sentence.
 */
export async function checkOutCommit(
  parent: string,
  source: { readonly url: string; readonly commit: string },
  signal: AbortSignal,
): Promise<string> {
  const store = join(parent, "git", createHash("sha256").update(source.url).digest("hex").slice(0, 32));
  await oneAtATime(store, () => fetchCommit(store, source, signal));
  const folder = await mkdtemp(join(parent, "project-"));
  try {
    await git(["--git-dir", store, "--work-tree", folder, "checkout", "--force", source.commit, "--", "."], signal, {
      // Each checkout has an index of its own, so that several at once do not meet.
      GIT_INDEX_FILE: `${folder}.index`,
    });
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(`${folder}.index`, { force: true });
  }
}

async function fetchCommit(
  store: string,
  { url, commit }: { readonly url: string; readonly commit: string },
  signal: AbortSignal,
): Promise<void> {
  if (!existsSync(join(store, "HEAD"))) {
    mkdirSync(store, { recursive: true, mode: 0o700 });
    await git(["init", "--quiet", "--bare", "--template=", store], signal);
  }
  if (await isThere(store, commit, signal)) return;
  const fetch = [
    "--git-dir",
    store,
    "fetch",
    "--quiet",
    "--no-tags",
    "--no-recurse-submodules",
    "--no-write-fetch-head",
  ];
  try {
    await git([...fetch, "--depth=1", "--", url, commit], signal);
  } catch {
    // An old server gives no commit by its id: then all of its branches and tags are taken.
    await git(
      [...fetch, "--", url, "+refs/heads/*:refs/omserver/heads/*", "+refs/tags/*:refs/omserver/tags/*"],
      signal,
    );
  }
  if (!(await isThere(store, commit, signal))) throw new Error(reasonText("ansible_no_commit", { url, commit }));
}

async function isThere(store: string, commit: string, signal: AbortSignal): Promise<boolean> {
  return await git(["--git-dir", store, "cat-file", "-e", `${commit}^{tree}`], signal).then(
    () => true,
    () => false,
  );
}

async function oneAtATime<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
  const before = underway.get(key) ?? Promise.resolve();
  const mine = before.then(work, work);
  underway.set(key, mine);
  try {
    return await mine;
  } finally {
    if (underway.get(key) === mine) underway.delete(key);
  }
}

function git(argv: readonly string[], signal: AbortSignal, more: Record<string, string> = {}): Promise<void> {
  const options = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "core.autocrlf": "false",
    "fetch.fsckObjects": "true",
    "fetch.recurseSubmodules": "false",
    "submodule.recurse": "false",
    "protocol.allow": "never",
    "protocol.https.allow": "always",
    "protocol.ssh.allow": "always",
    "protocol.file.allow": "always",
    "http.followRedirects": "false",
    "gc.auto": "0",
    "advice.detachedHead": "false",
  };
  const words = Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return new Promise((resolve, reject) => {
    execFile(
      "git",
      [...words, ...argv],
      {
        signal,
        timeout: fetchMilliseconds,
        maxBuffer: 1024 * 1024,
        env: {
          PATH: process.env.PATH ?? "/usr/bin:/bin",
          HOME: process.env.HOME ?? "/",
          LC_ALL: "C.UTF-8",
          GIT_CONFIG_NOSYSTEM: "1",
          GIT_CONFIG_GLOBAL: "/dev/null",
          GIT_ATTR_NOSYSTEM: "1",
          GIT_TERMINAL_PROMPT: "0",
          GIT_SSH_COMMAND: "ssh -o BatchMode=yes",
          GIT_ASKPASS: "/bin/false",
          ...more,
        },
      },
      (error, _stdout, stderr) => {
        if (error === null) resolve();
        else if ((error as NodeJS.ErrnoException).code === "ENOENT") reject(new Error(reasonText("ansible_no_git")));
        else reject(new Error(stderr.trim().split("\n").at(-1)?.slice(0, 300) || reasonText("ansible_git_failed")));
      },
    );
  });
}
