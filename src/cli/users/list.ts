import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { table, timeText } from "../terminal/table.ts";

export function addUsersList(parent: Command, io: CliIo): void {
  addClientCommand(parent, io, {
    name: "list",
    description: "list users",
    async action({ client, print }) {
      const { users } = await client.call("GET /users", {});
      await print(users, () =>
        table(
          ["user", "role", "sees", "last sign-in", ""],
          users.map(({ name, role, scope, lastSignInAt, enabled }) => [
            name,
            role,
            scope.everything
              ? "everything"
              : `${scope.functionCategories.length + scope.appCategories.length} categories`,
            timeText(lastSignInAt),
            enabled ? "" : "disabled",
          ]),
        ),
      );
    },
  });
}
