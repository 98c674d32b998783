import { spawn } from "node:child_process";
import type { ConnectionReport, EngineContext, EngineHost } from "../../contract/engine.ts";
import { type AnsibleHome, endProcessesOf, environmentOf } from "./ansible-process.ts";
import type { SeenKeys } from "./host-key-checks.ts";
import { connectReason } from "./host-progress.ts";
import { makeJobFolder } from "./job-folder.ts";
import { SshAccess } from "./ssh-access.ts";

const testMilliseconds = 10_000;

/** Signs in as Ansible would, by the same `ssh` with the same options, and asks for nothing to be run. */
export async function testConnection(
  home: AnsibleHome,
  host: EngineHost,
  context: EngineContext,
  seenKeys: SeenKeys,
  signal: AbortSignal,
): Promise<ConnectionReport> {
  const begun = performance.now();
  const folder = makeJobFolder(home.folder);
  const access = new SshAccess({ home, context, folder, seenKeys, connectMilliseconds: testMilliseconds });
  function report(ok: boolean, message: string): ConnectionReport {
    return { ok, message, milliseconds: Math.round(performance.now() - begun) };
  }
  try {
    const reachable = await access.reach(host);
    if (typeof reachable === "string") return report(false, reachable);
    await access.open([reachable]);
    const { user, address, port } = reachable.target;
    const words = [...access.words(reachable), "-o", "ControlMaster=no", "-o", "ControlPath=none"];
    const child = spawn("ssh", [...words, "-N", "-p", String(port), "-l", user, "--", address], {
      env: environmentOf(home, folder),
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    let said = "";
    child.stderr.on("data", (data: Buffer) => {
      said = (said + data.toString("utf8")).slice(-4096);
    });
    const ended = new Promise<void>((resolve) => {
      child.once("close", () => resolve());
      child.once("error", (error) => {
        said = error.message;
        resolve();
      });
    });
    let over = false;
    void ended.then(() => {
      over = true;
    });
    const limit = AbortSignal.any([signal, AbortSignal.timeout(testMilliseconds)]);
    while (!over && !limit.aborted && !access.signedIn(reachable)) {
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    if (access.signedIn(reachable)) return report(true, `Signed in to ${host.name} as ${user}.`);
    if (signal.aborted) return report(false, "The test was given up.");
    return report(false, connectReason(over ? said : "timed out", host, access.refusedKey(reachable)));
  } finally {
    await endProcessesOf(folder.path);
    access.close();
    folder.remove();
  }
}
