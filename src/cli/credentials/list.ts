import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { table, timeText } from "../terminal/table.ts";

export function addCredentialsList(parent: Command, io: CliIo): void {
  addClientCommand(parent, io, {
    name: "list",
    description: "list names and kinds",
    async action({ client, print }) {
      const { credentials } = await client.call("GET /credentials", {});
      await print(credentials, () =>
        table(
          ["name", "kind", "user", "changed", "by", "zones", "held by", "description"],
          credentials.map(({ name, kind, user, updatedAt, updatedBy, zones, heldBy, description }) => [
            name,
            kind,
            user,
            timeText(updatedAt),
            updatedBy,
            zones.join(" ") || "all",
            heldBy.join(" ") || "nobody",
            description,
          ]),
        ),
      );
    },
  });
}
