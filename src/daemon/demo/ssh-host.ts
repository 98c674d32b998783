import { createPrivateKey, sign, timingSafeEqual } from "node:crypto";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerChannel, type Session } from "ssh2";
import type { ProcessHost } from "./fleet-messages.ts";

/** What a host does with a session that has signed in. */
export type ServeSession = (session: Session, host: ProcessHost, socket: Socket) => void;

export interface SshHostOptions {
  readonly user: string;
  /** The only key that may sign in. */
  readonly userKey: ParsedKey;
  readonly serve: ServeSession;
}

/** Speaks SSH at the host's own address. Listening is cheap: everything else is made by the first connection. */
export function createSshHost(host: ProcessHost, options: SshHostOptions): NetServer {
  let server: InstanceType<typeof ssh2.Server> | undefined;
  const listener = createServer((socket) => {
    if (!isLoopback(socket.remoteAddress)) {
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    server ??= createServerFor(host, options);
    server.injectSocket(socket);
  });
  return listener;
}

function createServerFor(host: ProcessHost, options: SshHostOptions) {
  const server = new ssh2.Server({
    hostKeys: [{ key: hostKeyOf(host.privateKey) }],
    ident: "OMServer-demo-fleet",
    algorithms: {
      kex: ["curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256"],
      cipher: ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr"],
    },
  });
  server.on("connection", (connection) => serveConnection(connection, host, options));
  return server;
}

/**
 * ssh2 has the key parsed anew from PEM for every signature; a key object made once saves a large part of a handshake.
 */
function hostKeyOf(privateKey: string): ParsedKey {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  const parsed = Array.isArray(key) ? key[0] : key;
  const object = createPrivateKey(parsed.getPrivatePEM());
  parsed.sign = (data: Buffer | string) => sign(null, Buffer.from(data), object);
  return parsed;
}

function serveConnection(connection: Connection, host: ProcessHost, options: SshHostOptions): void {
  // A client that breaks off is no news; the sockets' end is what counts.
  connection.on("error", () => undefined);
  connection.on("authentication", (context) => {
    if (maySignIn(context, options)) context.accept();
    else context.reject(["publickey"]);
  });
  connection.on("session", (accept) => {
    const session = accept();
    options.serve(session, host, socketOf(connection));
  });
}

function maySignIn(context: AuthContext, { user, userKey }: SshHostOptions): boolean {
  if (context.method !== "publickey" || context.username !== user) return false;
  const expected = userKey.getPublicSSH();
  if (context.key.data.length !== expected.length || !timingSafeEqual(context.key.data, expected)) return false;
  // Without a signature it is only the question whether this key would do.
  if (!context.signature || !context.blob) return true;
  return userKey.verify(context.blob, context.signature, context.hashAlgo) === true;
}

function isLoopback(address: string | undefined): boolean {
  return address?.startsWith("127.") === true;
}

/** ssh2 keeps the socket to itself; its address and its end are needed. */
function socketOf(connection: Connection): Socket {
  return (connection as unknown as { _sock: Socket })._sock;
}

/** Closes the channel behind everything that was written to it, stderr too. */
export function endChannel(channel: ServerChannel): void {
  if (!channel.stderr.writable) {
    channel.end();
    return;
  }
  // An empty write comes back when all before it is out.
  channel.stderr.write(Buffer.alloc(0), () => channel.end());
}
