import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { timeText } from "../terminal/table.ts";
import { userId } from "./find-user.ts";

export function addUsersLink(users: Command, io: CliIo): void {
  addClientCommand(users, io, {
    name: "link <name>",
    description: "print a link that signs a user in once within 30 minutes",
    async action({ client, print, say }, [name = ""]) {
      const id = await userId(client, name);
      const link = await client.call("POST /users/:id/sign-in-link", { params: { id } });
      await print(link, () => `${link.url}\n`);
      say(`It signs in once, until ${timeText(link.expiresAt)}.`);
    },
  });
}
