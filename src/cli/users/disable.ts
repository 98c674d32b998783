import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { userId } from "./find-user.ts";

export function addUsersDisable(users: Command, io: CliIo): void {
  addSwitch(users, io, {
    name: "disable <name>",
    description: "end a user's sessions and refuse them",
    enabled: false,
  });
  addSwitch(users, io, { name: "enable <name>", description: "let a user sign in again", enabled: true });
}

function addSwitch(
  users: Command,
  io: CliIo,
  { name, description, enabled }: { readonly name: string; readonly description: string; readonly enabled: boolean },
): void {
  addClientCommand(users, io, {
    name,
    description,
    async action({ client, print }, [who = ""]) {
      const id = await userId(client, who);
      const { user } = await client.call("PATCH /users/:id", { params: { id }, body: { enabled } });
      await print(user, () => `${user.name} is ${user.enabled ? "enabled" : "disabled"}.\n`);
    },
  });
}
