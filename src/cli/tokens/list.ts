import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { table, timeText } from "../terminal/table.ts";

export function addTokensList(parent: Command, io: CliIo): void {
  addClientCommand(parent, io, {
    name: "list",
    description: "list your API tokens",
    async action({ client, print }) {
      const { tokens } = await client.call("GET /tokens", {});
      await print(tokens, () =>
        table(
          ["number", "name", "made", "last used", "ends"],
          tokens.map(({ id, name, createdAt, lastUsedAt, expiresAt }) => [
            id,
            name,
            timeText(createdAt),
            timeText(lastUsedAt),
            timeText(expiresAt),
          ]),
        ),
      );
    },
  });
}
