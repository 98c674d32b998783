import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { OmError, type Problem } from "../contract/errors.ts";
import { type EngineSettings, engineSettings } from "../engines/registry.ts";
import { nearestName } from "../web/plan/query-suggest.ts";
import type { DatabaseConfig } from "../web/store/database-config.ts";

/** Folder of the package: where `modules/` and `dist/console` are. */
export const packageFolder = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

const server = {
  host: z.string().default("127.0.0.1"),
  user: z.string().default("omserver"),
  /** Prefer `passwordFile`: a file that only the service user reads. */
  password: z.string().default(""),
  passwordFile: z.string().optional(),
  database: z.string().default("omserver"),
  /** Instead of host and port: the socket itself for MySQL, the folder of the socket for PostgreSQL. */
  socketPath: z.string().optional(),
  /** Encrypts the connection; a server that does not speak TLS, or is another one, is refused. */
  tls: z
    .strictObject({
      /** PEM file of the authorities that sign the server's certificate. Default: those of the system. */
      caFile: z.string().optional(),
      /** `full` checks the server's name too; `ca` only who signed. */
      verify: z.enum(["full", "ca"]).default("full"),
    })
    .optional(),
};

const database = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("sqlite"),
    /** Default: `omserver.db` in the data folder. */ file: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal("mysql"), port: z.number().int().default(3306), ...server }),
  z.strictObject({ kind: z.literal("postgres"), port: z.number().int().default(5432), ...server }),
]);

const addressAndPort = z
  .string()
  .regex(/^(?:\[[0-9a-fA-F:]+\]|[^:[\]]+):\d{1,5}$/, "must be address:port, e.g. 127.0.0.1:7070 or [::1]:7070");
const linkAddress = z.url({ protocol: /^https$/, error: "must be https://host:port" });

/**
 * The whole configuration. Every setting has a default; the environment overrides the file, a flag overrides both.
 * docs/operators.md lists them with their environment names (a test holds the two together).
 */
const schema = z.strictObject({
  /** `OMSERVER_DATA`. Database, keys, library files, controller state. Belongs to the service user alone. */
  dataFolder: z.string().default(join(packageFolder, "data")),
  /** `OMSERVER_LISTEN`, `address:port`. Keep it on loopback and put nginx or Caddy in front. */
  listen: addressAndPort.default("127.0.0.1:7070"),
  /** `OMSERVER_PUBLIC_URL`. What people type in their browser; default `http://<listen>`. https makes cookies secure. */
  publicUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** `OMSERVER_TRUST_PROXY`. Believe X-Forwarded-For of the proxy in front. Only when nothing else reaches the port. */
  trustProxy: z.boolean().default(false),
  /** `OMSERVER_LOG_LEVEL`. */
  logLevel: z.enum(["debug", "info", "warn", "error"]).default("info"),
  /** `OMSERVER_DATABASE_URL`: `sqlite:FILE`, `mysql://user@host:port/name` or `postgres://user@host:port/name`, both with `?tls=full&caFile=FILE`. */
  database: database.default({ kind: "sqlite" }),
  /** `OMSERVER_KNOWN_HOSTS`. An OpenSSH known_hosts file that the controller reads besides its own. */
  knownHostsFile: z.string().optional(),
  /**
   * `OMSERVER_LINK_LISTEN`, `address:port`. Where controllers on other machines connect; nothing else does. Default: no
   * port for `omserver start`, `0.0.0.0:7443` for `omserver web`. No proxy goes before it: TLS ends in OMServer itself.
   */
  linkListen: addressAndPort.optional(),
  /** `OMSERVER_LINK_URL`. What controllers dial; default https, the host of `publicUrl` and the port of `linkListen`. */
  linkUrl: linkAddress.optional(),
  /** `OMSERVER_WEB_SERVERS`, separated by commas. For a controller: what it dials instead of what its enrolment named. */
  webServers: z.array(linkAddress).min(1).optional(),
  /** In the file only. A section for each engine that needs settings; docs/operators.md says which. */
  engines: engineSettings.default({}),
});

type FileConfig = z.infer<typeof schema>;

export interface Listen {
  readonly address: string;
  readonly port: number;
}

export interface Config {
  readonly dataFolder: string;
  readonly listen: Listen;
  /** Without a slash at its end. */
  readonly publicUrl?: string;
  readonly trustProxy: boolean;
  readonly logLevel: FileConfig["logLevel"];
  readonly database: DatabaseConfig;
  readonly knownHostsFile?: string;
  readonly linkListen?: Listen;
  readonly linkUrl?: string;
  readonly webServers?: readonly string[];
  readonly engines: EngineSettings;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads file (if named), environment and overrides into one configuration.
 * Throws `config.invalid` that names the setting and what it should be; unknown settings are refused, not ignored.
 */
export function readConfig(
  environment: Environment,
  file?: string,
  overrides: Readonly<Record<string, unknown>> = {},
): Config {
  const merged = {
    ...fromFile(file ?? environment.OMSERVER_CONFIG),
    ...fromEnvironment(environment),
    ...defined(overrides),
  };
  const parsed = schema.safeParse(merged);
  if (!parsed.success) {
    const problems = [
      ...parsed.error.issues.filter(isUnknown),
      // What is missing may stand there under a mistyped name.
      ...parsed.error.issues.filter((issue) => !isUnknown(issue)),
    ].flatMap(settingProblems);
    const first = problems[0];
    throw new OmError(
      "config.invalid",
      `The setting “${first?.place}” is not valid: ${first?.message}. See docs/operators.md.`,
      { problems },
    );
  }
  return complete(parsed.data, environment);
}

function isUnknown(issue: z.core.$ZodIssue): boolean {
  return issue.code === "unrecognized_keys";
}

/** One problem for each setting; those that do not exist are named with the nearest one that does. */
function settingProblems(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code !== "unrecognized_keys") return [{ place: issue.path.join("."), message: issue.message }];
  return issue.keys.map((key) => {
    const meant = nearestName(key, settingsAt(schema, issue.path));
    const message = `there is no such setting${meant === undefined ? "" : `; “${[...issue.path, meant].join(".")}” is meant, perhaps`}`;
    return { place: [...issue.path, key].join("."), message };
  });
}

/** Names of the settings that may stand there. */
function settingsAt(type: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  if (type instanceof z.ZodDefault || type instanceof z.ZodOptional) return settingsAt(type.def.innerType, path);
  if (type instanceof z.ZodUnion) return type.def.options.flatMap((option) => settingsAt(option, path));
  if (!(type instanceof z.ZodObject)) return [];
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(type.def.shape);
  const inner = type.def.shape[String(first)];
  return inner === undefined ? [] : settingsAt(inner, rest);
}

function fromFile(file: string | undefined): Record<string, unknown> {
  if (file === undefined) return {};
  try {
    const content: unknown = parseYaml(readFileSync(file, "utf8"));
    if (content === null) return {};
    if (typeof content === "object" && !Array.isArray(content)) return content as Record<string, unknown>;
  } catch (cause) {
    throw new OmError(
      "config.invalid",
      `The configuration file ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  throw new OmError("config.invalid", `The configuration file ${file} must hold settings as “name: value” lines.`);
}

function fromEnvironment(environment: Environment): Record<string, unknown> {
  return defined({
    dataFolder: environment.OMSERVER_DATA,
    listen: environment.OMSERVER_LISTEN,
    publicUrl: environment.OMSERVER_PUBLIC_URL,
    trustProxy:
      environment.OMSERVER_TRUST_PROXY === undefined
        ? undefined
        : yes("OMSERVER_TRUST_PROXY", environment.OMSERVER_TRUST_PROXY),
    logLevel: environment.OMSERVER_LOG_LEVEL,
    database:
      environment.OMSERVER_DATABASE_URL === undefined ? undefined : databaseFromUrl(environment.OMSERVER_DATABASE_URL),
    knownHostsFile: environment.OMSERVER_KNOWN_HOSTS,
    linkListen: environment.OMSERVER_LINK_LISTEN,
    linkUrl: environment.OMSERVER_LINK_URL,
    webServers: environment.OMSERVER_WEB_SERVERS?.split(",").map((server) => server.trim()),
  });
}

function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ""));
}

function yes(name: string, text: string): boolean {
  if (["1", "true", "yes"].includes(text)) return true;
  if (["", "0", "false", "no"].includes(text)) return false;
  throw new OmError("config.invalid", `${name} is “${text}”; it must be yes or no.`);
}

function databaseFromUrl(text: string): unknown {
  if (text.startsWith("sqlite:")) return { kind: "sqlite", file: text.slice("sqlite:".length).replace(/^\/\//, "") };
  const kinds: Record<string, string> = {
    "mysql:": "mysql",
    "mariadb:": "mysql",
    "postgres:": "postgres",
    "postgresql:": "postgres",
  };
  if (!URL.canParse(text) || kinds[new URL(text).protocol] === undefined) {
    throw new OmError(
      "config.invalid",
      "OMSERVER_DATABASE_URL must be sqlite:FILE, mysql://user@host:port/name or postgres://user@host:port/name.",
    );
  }
  const url = new URL(text);
  const foreign = [...url.searchParams.keys()].find((name) => name !== "tls" && name !== "caFile");
  if (foreign !== undefined) {
    throw new OmError(
      "config.invalid",
      `OMSERVER_DATABASE_URL has “${foreign}=”; behind the “?” may stand tls=full or tls=ca, and caFile=FILE.`,
    );
  }
  return defined({
    kind: kinds[url.protocol],
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? undefined : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    tls:
      url.searchParams.size === 0
        ? undefined
        : defined({
            verify: url.searchParams.get("tls") ?? undefined,
            caFile: url.searchParams.get("caFile") ?? undefined,
          }),
  });
}

/** Where people find this server: its public address, or where it listens, which may be none that others can reach. */
export function addressOf({ publicUrl, listen }: Pick<Config, "publicUrl" | "listen">): string {
  const host = listen.address.includes(":") ? `[${listen.address}]` : listen.address;
  return publicUrl ?? `http://${host}:${listen.port}`;
}

function complete(config: FileConfig, environment: Environment): Config {
  const dataFolder = resolve(config.dataFolder);
  return {
    dataFolder,
    listen: listenOf("listen", config.listen),
    trustProxy: config.trustProxy,
    logLevel: config.logLevel,
    database: completeDatabase(config.database, dataFolder, environment),
    engines: config.engines,
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl.replace(/\/+$/, "") }),
    ...(config.knownHostsFile === undefined ? {} : { knownHostsFile: resolve(config.knownHostsFile) }),
    ...(config.linkListen === undefined ? {} : { linkListen: listenOf("linkListen", config.linkListen) }),
    ...(config.linkUrl === undefined ? {} : { linkUrl: config.linkUrl.replace(/\/+$/, "") }),
    ...(config.webServers === undefined ? {} : { webServers: config.webServers.map((url) => new URL(url).origin) }),
  };
}

function listenOf(setting: string, text: string): Listen {
  const cut = text.lastIndexOf(":");
  const port = Number(text.slice(cut + 1));
  if (port > 65_535) {
    throw new OmError("config.invalid", `The setting “${setting}” names port ${port}; the highest is 65535.`);
  }
  return { address: text.slice(0, cut).replace(/^\[|\]$/g, ""), port };
}

function completeDatabase(
  settings: FileConfig["database"],
  dataFolder: string,
  environment: Environment,
): DatabaseConfig {
  if (settings.kind === "sqlite")
    return {
      kind: "sqlite",
      file: settings.file === undefined ? join(dataFolder, "omserver.db") : resolve(settings.file),
    };
  const { passwordFile, tls, ...rest } = settings;
  const secretFile = passwordFile ?? environment.OMSERVER_DATABASE_PASSWORD_FILE;
  return {
    ...rest,
    ...(secretFile === undefined ? {} : { password: textOf(secretFile, "The database password file").trimEnd() }),
    ...(tls === undefined
      ? {}
      : {
          tls: {
            verify: tls.verify,
            ...(tls.caFile === undefined ? {} : { ca: textOf(tls.caFile, "The file of the database's authorities") }),
          },
        }),
  };
}

function textOf(file: string, what: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new OmError("config.invalid", `${what} ${file} cannot be read.`, { cause });
  }
}
