import type { Server, Socket } from "node:net";
import ssh2, { type ParsedKey } from "ssh2";
import { type CommandRunner, createCommandRunner } from "./command-runner.ts";
import type { FleetMessage, ProcessHost, StartMessage } from "./fleet-messages.ts";
import { replySessions } from "./reply-session.ts";
import { runSessions } from "./run-session.ts";
import { createSshHost, type ServeSession } from "./ssh-host.ts";

/**
 * A process that is some hosts of a demo fleet. It is told by its parent which, and ends with it, however that ends:
 * the channel between them closes, and every command that still runs is killed.
 */

const listenAtOnce = 64;
const servers: Server[] = [];
const sockets = new Set<Socket>();
let runner: CommandRunner | undefined;

function tell(message: FleetMessage): void {
  if (process.connected) process.send?.(message);
}

process.once("message", (message: StartMessage) => void start(message));
process.once("disconnect", end);
process.once("SIGTERM", end);
// Ctrl-C reaches every process of the terminal; the parent stops the fleet when it is done with it.
process.on("SIGINT", () => undefined);

async function start(message: StartMessage): Promise<void> {
  const options = { user: message.user, userKey: publicKey(message.userKey), serve: serveWith(message) };
  let listening = 0;
  const waiting = [...message.hosts];
  async function listenOn(): Promise<void> {
    for (let host = waiting.shift(); host; host = waiting.shift()) {
      await listen(host, createSshHost(host, options));
      listening += 1;
      if (listening % 50 === 0) tell({ kind: "listening", hosts: listening });
    }
  }
  try {
    await Promise.all(Array.from({ length: listenAtOnce }, listenOn));
    tell({ kind: "ready" });
  } catch {
    // Told already; the parent ends this process.
  }
}

function serveWith({ behaviour, user }: StartMessage): ServeSession {
  if (behaviour.kind === "reply") return replySessions(behaviour.reply);
  runner = createCommandRunner({ user, ownHostName: behaviour.ownHostName, mostCommands: behaviour.mostCommands });
  return runSessions(runner, behaviour.homes);
}

function listen(host: ProcessHost, server: Server): Promise<void> {
  servers.push(server);
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      tell({ kind: "failed", code: error.code ?? error.message, address: host.address, port: host.port });
      reject(error);
    });
    server.listen(host.port, host.address, 512, resolve);
  });
}

function publicKey(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return Array.isArray(key) ? key[0] : key;
}

function end(): void {
  runner?.close();
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
  process.exit(0);
}
