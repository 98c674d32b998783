import { hostname } from "node:os";
import type { Command } from "commander";
import { OmError } from "../contract/errors.ts";
import { type Client, createClient } from "../contract/http/client.ts";
import { reportErrors, serverAddress } from "./client-command.ts";
import type { CliIo } from "./io.ts";
import { positiveNumber } from "./numbers.ts";
import { sessionFetch } from "./session-fetch.ts";
import { settingsPath, writeSettings } from "./settings-file.ts";

interface Options {
  readonly token?: string;
  readonly days: number;
  readonly json?: boolean;
}

export function addLoginCommand(program: Command, io: CliIo): void {
  const command = program
    .command("login <url>")
    .description("sign in to a server, by its address or by a one-time link, and keep an API token for later commands")
    .option("--token <token>", "keep this API token instead of making one (- for standard input, or OMSERVER_TOKEN)")
    .option("--days <number>", "the new token ends after so many days", positiveNumber, 90)
    .option("--json", "print the result as JSON");
  command.action((url: string) => {
    const options = command.opts<Options>();
    return reportErrors(io, options.json === true, () => login(io, url, options));
  });
}

async function login(io: CliIo, url: string, options: Options): Promise<void> {
  const { server, link } = readUrl(url);
  await createClient({ baseUrl: server }).call("GET /status", {});
  const token = (await givenToken(io, options)) ?? (await newToken(io, server, link, options.days));
  const { user } = await createClient({ baseUrl: server, token }).call("GET /session", {});
  const path = settingsPath(io.environment);
  writeSettings(path, { server, token });
  if (options.json) await io.out(`${JSON.stringify({ server, user: user.name, role: user.role, file: path })}\n`);
  else await io.out(`Signed in to ${server} as ${user.name} (${user.role}). The token is in ${path}.\n`);
}

/** The server's address, and the secret where it is a one-time link (`…/sign-in#token=…`). */
function readUrl(url: string): { readonly server: string; readonly link: string | undefined } {
  const hash = url.indexOf("#");
  const address = serverAddress((hash < 0 ? url : url.slice(0, hash)).replace(/\/sign-in\/?$/, ""));
  const link = hash < 0 ? undefined : new URLSearchParams(url.slice(hash + 1)).get("token");
  return { server: address, link: link ?? undefined };
}

async function givenToken(io: CliIo, { token }: Options): Promise<string | undefined> {
  const given = token ?? io.environment.OMSERVER_TOKEN;
  return given === "-" ? (await io.readInput()).toString("utf8").trim() : given;
}

/** Signs in for as long as it takes to make a token. */
async function newToken(io: CliIo, server: string, link: string | undefined, days: number): Promise<string> {
  const client = createClient({ baseUrl: server, fetch: sessionFetch(new URL(server).origin) });
  if (link === undefined) await signIn(io, client, server);
  else await redeemLink(io, client, link);
  const { token } = await client.call("POST /tokens", {
    body: { name: `omserver on ${hostname()}`.slice(0, 128), expiresInDays: days },
  });
  await client.call("DELETE /session", {});
  return token;
}

async function signIn(io: CliIo, client: Client, server: string): Promise<void> {
  if (!io.canAsk) {
    throw new OmError(
      "access.not_signed_in",
      `Nobody can be asked for a password here. Give ${server} a --token, or a one-time link.`,
    );
  }
  const name = await io.ask("Name: ");
  const password = await io.ask("Password: ", { hidden: true });
  await client.call("POST /session", { body: { name, password } });
}

async function redeemLink(io: CliIo, client: Client, token: string): Promise<void> {
  const { setupNeeded } = await client.call("GET /status", {});
  if (!setupNeeded) {
    await client.call("POST /session/link", { body: { token } });
    return;
  }
  if (!io.canAsk)
    throw new OmError(
      "access.not_signed_in",
      "Nobody can be asked for the first administrator's name here. Use a terminal, or open the link in a browser.",
    );
  const name = await io.ask("Name of the first administrator: ");
  const password = await io.ask("Password, at least 12 characters: ", { hidden: true });
  // It is set here and now: what was mistyped unseen would be nobody's password.
  const again = await io.ask("Password, once more: ", { hidden: true });
  if (again !== password) throw new OmError("request.invalid", "The two passwords differ. Nothing was done.");
  await client.call("POST /session/link", { body: { token, name, password } });
}
