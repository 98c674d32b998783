import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type OmserverV1Settings, omserverV1Settings } from "../../src/engines/omserver-v1/settings.ts";

export interface OldControllerOptions {
  /** Numbers of the modules that it has; default 1001 to 1007. */
  readonly modules?: readonly string[];
  /** What it says of a host, by name; default a success with one line of output. */
  readonly answers?: Readonly<
    Record<
      string,
      { readonly silent?: boolean; readonly fails?: boolean; readonly html?: string; readonly bytes?: number }
    >
  >;
  readonly slowSeconds?: number;
}

export interface OldController {
  /** Requests that it opened so far. */
  readonly requests: readonly string[];
  settings(changes?: Partial<OmserverV1Settings>): OmserverV1Settings;
  stop(): Promise<void>;
}

/** A service of the first OMServer's shape on real rpyc of this major version. */
export async function startOldController(version: 3 | 6, options: OldControllerOptions = {}): Promise<OldController> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  execFileSync("sh", [join(root, "scripts/rpyc.sh")], { stdio: ["ignore", "inherit", "inherit"] });
  const folder = mkdtempSync(join(tmpdir(), "omserver-v1-"));
  const secrets = { password: "shared secret", key: "a key of the old days" };
  writeFileSync(join(folder, "password"), `${secrets.password}\n`, { mode: 0o600 });
  writeFileSync(join(folder, "key"), secrets.key, { mode: 0o600 });
  const script = fileURLToPath(new URL("omserver-v1-controller.py", import.meta.url));
  const modules = ["1001", "1002", "1003", "1004", "1005", "1006", "1007"];
  const given = { user: "OMuser", modules, ...secrets, ...options };
  const child = spawn(join(root, `.cache/rpyc/${version}/bin/python`), [script, JSON.stringify(given)], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const requests: string[] = [];
  const started = Promise.withResolvers<number>();
  let held = "";
  child.stdout.on("data", (data: Buffer) => {
    const lines = (held + data.toString()).split("\n");
    held = lines.pop() ?? "";
    for (const line of lines) {
      if (/^\d+$/.test(line)) started.resolve(Number(line));
      else requests.push(String(JSON.parse(line)));
    }
  });
  child.once("exit", (code) => started.reject(new Error(`the old controller for tests ended with ${code}`)));
  const port = await started.promise;
  return {
    requests,
    settings: (changes = {}) => ({
      ...omserverV1Settings.parse({
        enabled: "yes, over a broken cipher",
        controller: "127.0.0.1",
        port,
        passwordFile: join(folder, "password"),
        keyFile: join(folder, "key"),
      }),
      ...changes,
    }),
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.stdin.end();
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
