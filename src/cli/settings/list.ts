import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { list } from "../terminal/table.ts";
import { settingText } from "./setting-text.ts";

export function addSettingsList(settings: Command, io: CliIo): void {
  addClientCommand(settings, io, {
    name: "list",
    description: "list the settings by the names that `set` takes",
    async action({ client, print }) {
      const current = await client.call("GET /settings", {});
      await print(current, () => list(Object.entries(current).map(([name, value]) => [name, settingText(value)])));
    },
  });
}
