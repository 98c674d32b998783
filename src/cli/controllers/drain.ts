import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { count } from "../terminal/table.ts";
import { standingText } from "./standing.ts";

export function addControllerDrain(controller: Command, io: CliIo): void {
  addClientCommand(controller, io, {
    name: "drain <name>",
    description: "give a controller no new orders; it finishes what it has, and stays so over restarts",
    async action({ client, print, say }, [name = ""]) {
      const drained = await client.call("POST /controllers/:name/drain", { params: { name } });
      const { controllers } = await client.call("GET /controllers", {});
      const others = controllers.filter(
        (each) => each.zone === drained.zone && each.name !== name && each.state === "enabled" && each.connected,
      );
      await print(
        drained,
        () =>
          `${name} drains: it finishes ${count(drained.load.runs, "run")} (${count(drained.load.hosts, "host")} running).\n`,
      );
      if (others.length === 0) {
        say(
          `No other controller of the zone ${drained.zone} is connected: new runs there wait until “omserver controller undrain ${name}”.`,
        );
      }
    },
  });
}

export function addControllerUndrain(controller: Command, io: CliIo): void {
  addClientCommand(controller, io, {
    name: "undrain <name>",
    description: "give a drained controller orders again, those that waited for it first",
    async action({ client, print }, [name = ""]) {
      const back = await client.call("POST /controllers/:name/undrain", { params: { name } });
      await print(back, () => `${name} takes orders again (${standingText(back)}).\n`);
    },
  });
}
