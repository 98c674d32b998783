import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createSshEngine } from "../../src/engines/ssh/ssh-engine.ts";
import { openStore } from "../../src/web/store/open.ts";
import { fixedSigningKeys, joinSides, openControllerSide, openWebSide, operator } from "../testkit/spine.ts";
import { startSshd } from "../testkit/sshd.ts";
import type { Outcome } from "./campaign.ts";

const child = fileURLToPath(new URL("../testkit/kill-ssh-life.ts", import.meta.url));
const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 1}\n`).join("");

/**
 * Kills the product at random times while commands run on SSH hosts, again and again: each command that ran must have run
 * once, and each host has its own exit code and whole output, though nobody may have been there when it ended.
 * Options: `lives` (100), `hosts` (20).
 */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const lives = Number(options.lives ?? 100);
  const hosts = Number(options.hosts ?? 20);
  const folder = await mkdtemp(join(tmpdir(), "omserver-kill-ssh-"));
  const ran = join(folder, "ran");
  mkdirSync(ran);
  const sshd = await startSshd();
  try {
    await prepare(folder, sshd.privateKey);
    let killed = 0;
    for (let life = 0; life < lives; life += 1) {
      // Each execution leaves a file of its own for each of its starts.
      const command = `mktemp ${ran}/${life}-"\${SSH_CONNECTION##*127.1.}".XXXXXX >/dev/null; i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo "line $i"; sleep 0.05; done; exit 3`;
      // Every other life ends too early for a run, whose commands take a second, to be over.
      const killAfter = 300 + Math.random() * (life % 2 === 0 ? 1000 : 2500);
      if (await live([folder, String(sshd.port), String(hosts), command], killAfter)) killed += 1;
      console.error(`${life + 1} of ${lives} lives, ${killed} killed`);
    }
    await live([folder, String(sshd.port), String(hosts), "", sshd.state]);
    const counts = await truth(folder, await readdir(ran));
    const kept = sshd.kept().length;
    const result = { campaign: "kill-ssh", lives, killed, ...counts, kept };
    return { result, held: counts.twice + counts.untrue + counts.open + kept === 0 && killed > 0 };
  } finally {
    await sshd.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The credential and the policy that all lives need. */
async function prepare(folder: string, privateKey: string): Promise<void> {
  const signingKey = fixedSigningKeys(folder);
  const engine = createSshEngine({ threads: 1 });
  const web = await openWebSide({ folder, signingKey });
  const controller = await openControllerSide({ folder, engines: [engine], signingKey });
  const link = joinSides(web, controller);
  while (!(await web.dispatcher.controllers())[0]?.connected) await new Promise((resolve) => setTimeout(resolve, 20));
  await web.dispatcher.putCredential("default", { kind: "key", user: "root", privateKey }, [], operator);
  await web.dispatcher.setHostKeyPolicy("accept_new", operator);
  await link.cut();
  await controller.close();
  await engine.close();
  await web.close();
}

/** Whether it was killed before it ended by itself. */
function live(given: readonly string[], killAfter?: number): Promise<boolean> {
  const life = spawn(process.execPath, [child, ...given], { stdio: ["ignore", "ignore", "inherit"] });
  const timer = killAfter === undefined ? undefined : setTimeout(() => life.kill("SIGKILL"), killAfter);
  return new Promise((resolve, reject) => {
    life.on("exit", (code, signal) => {
      clearTimeout(timer);
      if (code === null || code === 0) resolve(signal === "SIGKILL");
      else reject(new Error(`A life ended with ${code}.`));
    });
  });
}

async function truth(folder: string, files: readonly string[]) {
  const started = files.map((name) => name.replace(/\.[^.]*$/, ""));
  const twice = started.length - new Set(started).size;
  const store = await openStore({ kind: "sqlite", file: join(folder, "web.db") });
  let open = 0;
  let untrue = 0;
  let own = 0;
  let unknown = 0;
  const { rows } = await store.runs.list({}, "all", { limit: 100_000 });
  for (const { id } of rows) {
    for (const { position, state, exitCode, reason } of await store.runs.executions(id, { limit: 100_000 })) {
      if (state === "unknown") unknown += 1;
      else if (state === "failed" && exitCode === 3) {
        own += 1;
        const bytes = await store.runs.output(id, position, "stdout", { offset: 0, limit: 10_000 });
        if (Buffer.from(bytes ?? []).toString() !== lines) untrue += 1;
      } else {
        open += 1;
        console.error(`run ${id}, host ${position}: ${state}, ${reason}`);
      }
    }
  }
  await store.close();
  // A host that ran has its own end, and no other has.
  untrue += Math.abs(own - new Set(started).size);
  return { executions: own + unknown + open, own, unknown, open, twice, untrue };
}
