import type { Command } from "commander";
import { OmError } from "../../contract/errors.ts";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";

export function addCredentialsRemove(parent: Command, io: CliIo): void {
  addClientCommand(parent, io, {
    name: "remove <name>",
    description: "delete a credential that no host names",
    async action({ client, print }, [name = ""]) {
      const { credentials } = await client.call("GET /credentials", {});
      const found = credentials.find((each) => each.name === name);
      if (found === undefined) throw new OmError("request.not_found", `There is no credential “${name}”.`);
      await client.call("DELETE /credentials/:id", { params: { id: found.id } });
      await print({ removed: name }, () => `Deleted ${name}.\n`);
    },
  });
}
