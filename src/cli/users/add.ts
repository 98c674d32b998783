import { type Command, Option } from "commander";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { collected } from "../numbers.ts";
import { timeText } from "../terminal/table.ts";
import { scopeOfPaths } from "./scope-of-paths.ts";

const roles = ["administrator", "operator", "viewer"] as const;

interface Options extends ClientOptions {
  readonly role: (typeof roles)[number];
  readonly category?: readonly string[];
}

export function addUsersAdd(users: Command, io: CliIo): void {
  addClientCommand<Options>(users, io, {
    name: "add <name>",
    description: "add a user, and print a link by which they sign in once and set their password",
    options: (command) =>
      command
        .addOption(new Option("--role <role>", "what they may do").choices(roles).default("viewer"))
        .option("--category <path>", "see only this category; repeat it for more", collected),
    async action({ client, print, say }, [name = ""], { role, category }) {
      const scope = await scopeOfPaths(client, category);
      const { user } = await client.call("POST /users", {
        body: { name, role, ...(scope === undefined ? {} : { scope }) },
      });
      const link = await client.call("POST /users/:id/sign-in-link", { params: { id: user.id } });
      await print({ user, link }, () => `${link.url}\n`);
      say(`${user.name} is ${user.role}. The link signs in once, until ${timeText(link.expiresAt)}.`);
    },
  });
}
