import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { table } from "../terminal/table.ts";
import { bytesText, standingText } from "./standing.ts";

export function addControllerList(controller: Command, io: CliIo): void {
  addClientCommand(controller, io, {
    name: "list",
    description: "list the controllers: zone, standing, load and spool",
    async action({ client, print }) {
      const { controllers } = await client.call("GET /controllers", {});
      await print(controllers, () =>
        table(
          ["name", "zone", "standing", "runs", "hosts", "spool", "version"],
          controllers.map((each) => [
            each.name,
            each.zone,
            standingText(each),
            each.load.runs,
            each.load.hosts,
            each.spool.events === 0 ? "empty" : `${each.spool.events} events, ${bytesText(each.spool.bytes)}`,
            each.version,
          ]),
        ),
      );
    },
  });
}
