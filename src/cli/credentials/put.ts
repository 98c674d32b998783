import { type Command, Option } from "commander";
import type { z } from "zod";
import { credentialKinds } from "../../contract/credential.ts";
import { OmError } from "../../contract/errors.ts";
import type { credentialSecret } from "../../contract/http/schemas/credentials.ts";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { readText } from "../text-file.ts";

interface Options extends ClientOptions {
  readonly kind: (typeof credentialKinds)[number];
  readonly user?: string;
  readonly description: string;
  readonly zones?: string;
  readonly keyFile?: string;
  readonly certificateFile?: string;
  readonly path?: string;
  readonly socket?: string;
  readonly passphrase?: boolean;
  readonly becomePassword?: boolean;
}

export function addCredentialsPut(credentials: Command, io: CliIo): void {
  addClientCommand<Options>(credentials, io, {
    name: "put <name>",
    description: "add or replace a credential; secrets are asked for, or read a line each from standard input",
    options: (command) =>
      command
        .addOption(new Option("--kind <kind>", "what it is").choices(credentialKinds).default("key"))
        .option("--user <name>", "account on the hosts, where the host names none")
        .option("--description <text>", "for people", "")
        .option("--zones <zones>", "only to the controllers of these zones, with commas; default all")
        .option("--key-file <file>", "key: the private key, read here")
        .option(
          "--certificate-file <file>",
          "key: its OpenSSH certificate, read here; key_file: its path on the controller",
        )
        .option("--path <path>", "key_file: the private key's path on the controller")
        .option("--socket <path>", "agent: its socket on the controller; default SSH_AUTH_SOCK")
        .option("--passphrase", "key, key_file: it is encrypted; asks for the passphrase")
        .option("--become-password", "asks for the password that sudo wants"),
    async action({ client, print, say }, [name = ""], options) {
      const secret = await secretOf(io, options);
      const zones = options.zones?.split(",").map((zone) => zone.trim()) ?? [];
      const body = { name, description: options.description, zones, secret };
      const saved = await client.call("PUT /credentials", { body });
      await print(saved, () => `Saved ${saved.name} (${saved.kind}) on ${saved.heldBy.join(", ")}.\n`);
      const { controllers } = await client.call("GET /controllers", {});
      const lacking = controllers
        .filter(({ state, zone }) => state !== "revoked" && (zones.length === 0 || zones.includes(zone)))
        .map((controller) => controller.name)
        .filter((each) => !saved.heldBy.includes(each));
      if (lacking.length > 0) say(`${lacking.join(", ")} does not have it: put it again when it is connected.`);
    },
  });
}

async function secretOf(io: CliIo, options: Options): Promise<z.input<typeof credentialSecret>> {
  const next = secretReader(io);
  const user = options.user === undefined ? {} : { user: options.user };
  const passphrase = options.passphrase ? { passphrase: await next("Passphrase of the key: ") } : {};
  switch (options.kind) {
    case "key": {
      const privateKey = await readText(io, needed(options.keyFile, "--key-file"));
      const certificate =
        options.certificateFile === undefined ? {} : { certificate: await readText(io, options.certificateFile) };
      return { kind: "key", privateKey, ...user, ...passphrase, ...certificate, ...(await become()) };
    }
    case "key_file": {
      const certificatePath = options.certificateFile === undefined ? {} : { certificatePath: options.certificateFile };
      const path = needed(options.path, "--path");
      return { kind: "key_file", path, ...user, ...passphrase, ...certificatePath, ...(await become()) };
    }
    case "agent": {
      const socket = options.socket === undefined ? {} : { socket: options.socket };
      return { kind: "agent", ...user, ...socket, ...(await become()) };
    }
    case "password":
      return { kind: "password", password: await next("Password: "), ...user, ...(await become()) };
  }

  async function become() {
    return options.becomePassword ? { becomePassword: await next("Password for sudo: ") } : {};
  }
}

/** Asks on a terminal without showing what is typed; else takes line after line of standard input. */
function secretReader(io: CliIo): (question: string) => Promise<string> {
  let lines: string[] | undefined;
  return async (question) => {
    if (io.canAsk) return io.ask(question, { hidden: true });
    lines ??= (await io.readInput()).toString("utf8").split(/\r?\n/);
    const line = lines.shift();
    if (line) return line;
    throw new OmError("request.invalid", `${question.replace(/: $/, "")} is missing on standard input.`);
  };
}

function needed(value: string | undefined, option: string): string {
  if (value !== undefined) return value;
  throw new OmError("request.invalid", `This kind of credential needs ${option}.`);
}
