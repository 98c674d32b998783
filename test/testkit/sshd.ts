import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";

/**
 * Real OpenSSH servers for tests and benchmarks: one sshd answers at every address of 127.0.0.0/8.
 *
 * It listens on 0.0.0.0 but bound to the loopback *device* (`ListenAddress 0.0.0.0 rdomain lo`: on Linux an rdomain is
 * SO_BINDTODEVICE), so nothing outside this machine reaches it, and a thousand "hosts" need one daemon and no set-up of
 * addresses. Keys are made for the occasion, PAM is off, the account is the current one.
 */
export interface SshdOptions {
  /** More lines for sshd_config; the first of a keyword wins, and these come first. */
  readonly config?: readonly string[];
  /**
   * Runs sshd where /etc/passwd, shadow, group and sudoers are throw-away copies with the account {@link account} in
   * them (a mount namespace; needs root). Nothing on the machine changes.
   */
  readonly account?: boolean;
}

/** An account that exists only behind a server with `account: true`; sudo asks it for its password. */
export const account = { name: "omtest", password: "test account 5f1c" } as const;

export interface Sshd {
  readonly port: number;
  /** The account that signs in with {@link privateKey}. */
  readonly user: string;
  /** An address of its own for each number from 0 to 60,000. */
  address(number: number): string;
  readonly privateKey: string;
  /** Path of the private key. */
  readonly keyFile: string;
  /** The host key's blob, as it is shown to clients. */
  readonly hostKey: Buffer;
  readonly folder: string;
  /** Where the hosts keep executions. */
  readonly state: string;
  /**
   * Files of executions that the hosts keep just now, but for settled ones whose shell has not removed them yet (not with
   * `account`, nor with an environment of one's own).
   */
  kept(): string[];
  /** Ends all sessions, as hosts that go down do; new ones are served. */
  endSessions(): void;
  /** What sshd wrote to its log so far. */
  log(): string;
  stop(): Promise<void>;
}

const sshdPath = "/usr/sbin/sshd";

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  if (!existsSync(sshdPath))
    throw new Error(`${sshdPath} is not installed. Install it: apt-get install openssh-server`);
  const folder = mkdtempSync(join(tmpdir(), "omserver-sshd-"));
  chmodSync(folder, 0o755);
  makeKey(join(folder, "host_key"));
  makeKey(join(folder, "user_key"));
  copyFileSync(join(folder, "user_key.pub"), join(folder, "authorized_keys"));
  mkdirSync(join(folder, "state"));
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  const port = await freePort();
  const logFile = join(folder, "log");
  writeFileSync(
    join(folder, "sshd_config"),
    [
      ...(options.config ?? []),
      `Port ${port}`,
      "ListenAddress 0.0.0.0 rdomain lo",
      `HostKey ${folder}/host_key`,
      `AuthorizedKeysFile ${folder}/authorized_keys`,
      "PidFile none",
      "UsePAM no",
      "StrictModes no",
      "PermitRootLogin yes",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "UseDNS no",
      "MaxStartups 10000",
      "MaxSessions 1000",
      "PrintMotd no",
      // bash reads ~/.bashrc at the outermost level of a session only; a developer's may take seconds. What hosts keep of
      // executions goes to a home of its own.
      ...(options.config?.some((line) => line.startsWith("SetEnv"))
        ? []
        : [options.account === true ? "SetEnv SHLVL=2" : `SetEnv SHLVL=2 HOME=${folder}/state`]),
      "LogLevel VERBOSE",
      "",
    ].join("\n"),
  );
  const command = [sshdPath, "-D", "-f", join(folder, "sshd_config"), "-E", logFile];
  const [program = sshdPath, ...argv] = options.account === true ? withAccount(folder, command) : command;
  const child = spawn(program, argv, { stdio: ["ignore", "ignore", "pipe"] });
  let trouble = "";
  child.stderr.on("data", (data: Buffer) => {
    trouble += data.toString();
  });
  const log = () => (existsSync(logFile) ? readFileSync(logFile, "utf8") : "");
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; !log().includes("Server listening"); tries++) {
    if (child.exitCode !== null || tries > 500) {
      const text = log() + trouble;
      await stop();
      throw new Error(`sshd did not start: ${text}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const state = join(folder, "state/.local/state/omserver");
  return {
    port,
    user: userInfo().username,
    address: (number) =>
      `127.${1 + Math.floor(number / 250 / 250)}.${Math.floor(number / 250) % 250}.${1 + (number % 250)}`,
    privateKey: readFileSync(join(folder, "user_key"), "utf8"),
    keyFile: join(folder, "user_key"),
    hostKey: publicBlob(join(folder, "host_key.pub")),
    folder,
    state,
    kept: () => keptIn(state),
    endSessions: () => {
      spawnSync("pkill", ["-TERM", "-P", String(child.pid)]);
    },
    log,
    stop,
  };
}

/** As `Sshd.kept`. See src/modules/posix-claim.ts: a settled claim says so in its last line, and its output is gone. */
export function keptIn(state: string): string[] {
  if (!existsSync(state)) return [];
  const files = readdirSync(state);
  const settled = new Set(
    files.filter((file) => file.endsWith(".b") && textOf(file).endsWith("\ns\n")).map((file) => file.slice(0, -2)),
  );
  return files.filter((file) => !settled.has(file.slice(0, -2)) || (!file.endsWith(".b") && textOf(file) !== ""));

  function textOf(file: string): string {
    try {
      return readFileSync(join(state, file), "utf8");
    } catch {
      // It was removed meanwhile.
      return "";
    }
  }
}

/** `ssh-keygen` with a new ed25519 key, or what `options` say. */
export function makeKey(file: string, options: readonly string[] = ["-t", "ed25519", "-N", ""]): void {
  execFileSync("ssh-keygen", ["-q", "-C", "omserver-test", "-f", file, ...options], {
    stdio: ["ignore", "ignore", "pipe"],
  });
}

export function publicBlob(file: string): Buffer {
  return Buffer.from(readFileSync(file, "utf8").split(" ")[1] ?? "", "base64");
}

function withAccount(folder: string, command: readonly string[]): string[] {
  // Not as an argument: other tests look for it in every process of this machine.
  const crypt = ["-e", "chomp($p = <STDIN>); print crypt($p, q($6$omservertests$))"];
  const hash = execFileSync("perl", crypt, { input: account.password }).toString();
  const home = join(folder, "home");
  mkdirSync(home);
  const etc = join(folder, "etc");
  mkdirSync(etc);
  const id = 64_201;
  const files = {
    passwd: `${readFileSync("/etc/passwd", "utf8")}${account.name}:x:${id}:${id}::${home}:/bin/sh\n`,
    group: `${readFileSync("/etc/group", "utf8")}${account.name}:x:${id}:\n`,
    shadow: `${readFileSync("/etc/shadow", "utf8")}${account.name}:${hash}:19000:0:99999:7:::\n`,
    sudoers: `Defaults env_reset,use_pty,!lecture,timestamp_timeout=0\nDefaults secure_path="/usr/sbin:/usr/bin:/sbin:/bin"\nroot ALL=(ALL:ALL) ALL\n${account.name} ALL=(ALL:ALL) ALL\n`,
  };
  const mounts: string[] = [];
  for (const [name, content] of Object.entries(files)) {
    const file = join(etc, name);
    writeFileSync(file, content, { mode: name === "sudoers" ? 0o440 : name === "shadow" ? 0o600 : 0o644 });
    mounts.push(`mount --bind "$0/${name}" /etc/${name}`);
  }
  execFileSync("chown", ["-R", `${id}:${id}`, home]);
  return [
    "unshare",
    "--mount",
    "--propagation",
    "private",
    "/bin/sh",
    "-c",
    `${mounts.join(" && ")} && exec "$@"`,
    etc,
    ...command,
  ];
}
