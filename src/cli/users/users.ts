import type { Command } from "commander";
import type { CliIo } from "../io.ts";
import { addUsersAdd } from "./add.ts";
import { addUsersDisable } from "./disable.ts";
import { addUsersLink } from "./link.ts";
import { addUsersList } from "./list.ts";

export function addUsersCommands(program: Command, io: CliIo): void {
  const users = program.command("users").description("who may sign in");
  addUsersList(users, io);
  addUsersAdd(users, io);
  addUsersDisable(users, io);
  addUsersLink(users, io);
}
