import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";

export function addControllerRevoke(controller: Command, io: CliIo): void {
  addClientCommand(controller, io, {
    name: "revoke <name>",
    description: "end a controller's certificates and cut its link at once",
    async action({ client, say }, [name = ""]) {
      await client.call("POST /controllers/:name/revocation", { params: { name } });
      say(`“${name}” is let in no more. To take it back: omserver controller invite ${name}`);
    },
  });
}
