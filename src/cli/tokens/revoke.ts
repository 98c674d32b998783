import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";

export function addTokensRevoke(tokens: Command, io: CliIo): void {
  addClientCommand(tokens, io, {
    name: "revoke <number>",
    description: "revoke one of your API tokens",
    async action({ client, print, usage }, [word = ""]) {
      if (!/^[1-9]\d{0,9}$/.test(word)) usage(`“${word}” is not the number of a token.`);
      await client.call("DELETE /tokens/:id", { params: { id: Number(word) } });
      await print({ revoked: Number(word) }, () => `Token ${word} is revoked.\n`);
    },
  });
}
