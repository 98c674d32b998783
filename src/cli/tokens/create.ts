import type { Command } from "commander";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { positiveNumber } from "../numbers.ts";

interface Options extends ClientOptions {
  readonly days?: number;
}

export function addTokensCreate(tokens: Command, io: CliIo): void {
  addClientCommand<Options>(tokens, io, {
    name: "create <name>",
    description: "print a new API token that may do what you may; it is shown this once",
    options: (command) => command.option("--days <number>", "it ends after so many days", positiveNumber),
    async action({ client, print }, [name = ""], { days }) {
      const made = await client.call("POST /tokens", {
        body: { name, ...(days === undefined ? {} : { expiresInDays: days }) },
      });
      await print(made, () => `${made.token}\n`);
    },
  });
}
