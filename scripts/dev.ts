/**
 * npm run dev: server and console with automatic reload. The server restarts when a source file that it loaded changes;
 * the console reloads in the browser through Vite, which passes /api on to the server. Data: data/development.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { readConfig } from "../src/daemon/config.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));
const consoleUrl = "http://127.0.0.1:5173";
const { listen } = readConfig(process.env);
const listenText = `${listen.address.includes(":") ? `[${listen.address}]` : listen.address}:${listen.port}`;
const started: ChildProcess[] = [];

/** The watched server would wait for a change of its sources, and the console would ask in vain. */
async function portIsFree(): Promise<boolean> {
  const server = createServer().listen(listen.port, listen.address);
  try {
    await once(server, "listening");
    server.close();
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(
      `OMServer cannot listen on ${listenText} (${reason}). Another one may be running: stop it, or set OMSERVER_LISTEN=ADDRESS:PORT.`,
    );
    return false;
  }
}

function start(command: string, args: readonly string[]): void {
  const child = spawn(command, args, {
    cwd: folder,
    stdio: "inherit",
    env: { ...process.env, NODE_ENV: "development", OMSERVER_LISTEN: listenText },
  });
  child.on("exit", (code) => stop(code ?? 1));
  started.push(child);
}

function stop(code: number): void {
  for (const child of started) child.kill("SIGTERM");
  process.exitCode = code;
}

process.on("SIGINT", () => stop(0));
process.on("SIGTERM", () => stop(0));

if (await portIsFree()) {
  start(process.execPath, [
    "--watch",
    "--watch-preserve-output",
    "src/daemon/main.ts",
    "start",
    "--development",
    "--data",
    "data/development",
    "--public-url",
    consoleUrl,
  ]);
  start(process.execPath, [
    "node_modules/vite/bin/vite.js",
    "--config",
    "console/vite.config.ts",
    "--host",
    "127.0.0.1",
    "--port",
    "5173",
    "--strictPort",
  ]);
} else {
  process.exitCode = 1;
}
