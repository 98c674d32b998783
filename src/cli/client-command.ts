import type { Command } from "commander";
import { OmError } from "../contract/errors.ts";
import { type Client, createClient } from "../contract/http/client.ts";
import { exitCodes } from "./exit-codes.ts";
import type { CliIo } from "./io.ts";
import { readSettings, settingsPath } from "./settings-file.ts";
import { safeText } from "./terminal/safe-text.ts";
import { wordsOf } from "./terminal/words.ts";

export interface ClientOptions {
  readonly server?: string;
  readonly token?: string;
  readonly json?: boolean;
}

/** What the action of a client command works with. */
export interface ClientContext {
  readonly client: Client;
  readonly io: CliIo;
  readonly json: boolean;
  /** Prints a result: as JSON where it was asked for, else as the text. */
  print(value: unknown, text: () => string): Promise<void>;
  /** Tells a person something that is no result. */
  say(text: string): void;
  /** Ends the command as wrongly used. */
  usage(message: string): never;
}

export interface ClientCommand<Options extends ClientOptions> {
  /** Name and arguments as commander writes them: `show <host>`. */
  readonly name: string;
  readonly description: string;
  readonly options?: (command: Command) => Command;
  readonly action: (context: ClientContext, words: readonly string[], options: Options) => Promise<void>;
}

/** Adds a command that talks to a server. Its errors end here: as one message, and as the exit code. */
export function addClientCommand<Options extends ClientOptions>(
  parent: Command,
  io: CliIo,
  { name, description, options, action }: ClientCommand<Options>,
): Command {
  const command = withClientOptions(parent.command(name).description(description));
  options?.(command);
  return command.action(() => {
    const given = command.opts<Options>();
    return reportErrors(io, given.json === true, () => action(contextOf(given, io, command), command.args, given));
  });
}

function withClientOptions(command: Command): Command {
  return command
    .option("--server <url>", "OMServer's address (OMSERVER_URL; default: of the last login)")
    .option("--token <token>", "API token; better given as OMSERVER_TOKEN, as others on this machine see arguments")
    .option("--json", "print results as JSON");
}

/** An error of the catalogue is its message (with `--json` a JSON object) on stderr and an exit code; others go on. */
export async function reportErrors(io: CliIo, json: boolean, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof OmError)) throw error;
    const { code, message, problems } = error;
    const lines = error.reason?.code === "body_fault" ? fieldLines(error) : [message, ...problemLines(error)];
    if (json) io.err(`${JSON.stringify({ code, message, problems })}\n`);
    else io.err(`omserver: ${lines.map((line) => safeText(line, { colours: false })).join("\n  ")}\n`);
    io.setExitCode(code === "run.confirmation" ? exitCodes.notConfirmed : exitCodes.failed);
  }
}

/** The fields at fault, by the names that they have for people: who types a command knows nothing of a body. */
function fieldLines({ problems }: OmError): string[] {
  return problems.map(({ place, message }) => {
    const field = place.split("/").filter(Boolean).map(wordsOf).join(" ");
    return field === "" ? message : `${field}: ${message}`;
  });
}

/** Only what the message does not say by itself. */
function problemLines({ message, problems }: OmError): string[] {
  const isTold = problems.length === 1 && message.includes(problems[0]?.message ?? "");
  return isTold ? [] : problems.map((problem) => `${problem.place}: ${problem.message}`);
}

/** Options win over the environment, and that over what `login` stored. */
export function connectionOf(options: ClientOptions, io: CliIo): { readonly server: string; readonly token: string } {
  const { environment } = io;
  const given = {
    server: options.server ?? environment.OMSERVER_URL,
    token: options.token ?? environment.OMSERVER_TOKEN,
  };
  const stored = given.server !== undefined && given.token !== undefined ? {} : readSettings(settingsPath(environment));
  // A stored token belongs to the stored server and goes to no other.
  const server = given.server ?? stored.server;
  if (server === undefined) {
    throw new OmError(
      "access.not_signed_in",
      "No server is known. Run “omserver login URL” first, or set OMSERVER_URL.",
    );
  }
  const address = serverAddress(server);
  const isStored = stored.server !== undefined && serverAddress(stored.server) === address;
  const token = given.token ?? (isStored ? stored.token : undefined);
  if (token === undefined) {
    throw new OmError(
      "access.not_signed_in",
      `You are not signed in to ${address}. Run “omserver login ${address}”, or set OMSERVER_TOKEN.`,
    );
  }
  return { server: address, token };
}

/** Origin and path of a server without a trailing slash. Refuses (`request.invalid`) what is no http address. */
export function serverAddress(text: string): string {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "") {
    throw new OmError(
      "request.invalid",
      `“${text}” is not the address of a server. Write for example https://ops.example.com`,
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function contextOf(options: ClientOptions, io: CliIo, command: Command): ClientContext {
  const { server, token } = connectionOf(options, io);
  const json = options.json === true;
  return {
    client: createClient({ baseUrl: server, token }),
    io,
    json,
    usage: (message) => command.error(`error: ${message}`),
    print: (value, text) => io.out(json ? `${JSON.stringify(value, undefined, 2)}\n` : text()),
    say: (text) => io.err(`${text}\n`),
  };
}
