import type { Command } from "commander";
import { settings } from "../../contract/http/schemas/platform.ts";
import { addClientCommand, type ClientContext, type ClientOptions } from "../client-command.ts";
import { confirmNumber } from "../confirm.ts";
import type { CliIo } from "../io.ts";
import { positiveNumber } from "../numbers.ts";
import { settingText, settingValue } from "./setting-text.ts";

interface Options extends ClientOptions {
  readonly yesRuns?: number;
}

const names = Object.keys(settings.shape);

export function addSettingsSet(parent: Command, io: CliIo): void {
  addClientCommand<Options>(parent, io, {
    name: "set <name> <value>",
    description: "change a setting; keepRunsDays takes “ever”, too",
    options: (command) =>
      command.option("--yes-runs <number>", "confirm that so many runs are deleted by it", positiveNumber),
    async action(context, [name = "", text = ""], { yesRuns }) {
      const { client, print, usage } = context;
      if (!names.includes(name)) usage(`“${name}” is no setting. The settings are ${names.join(", ")}.`);
      const value = settingValue(text);
      if (name === "keepRunsDays" && typeof value === "number") await confirmDeletion(context, value, yesRuns);
      const changed = await client.call("PATCH /settings", { body: { [name]: value } });
      const now = Object.entries(changed).find(([each]) => each === name)?.[1] ?? null;
      await print(changed, () => `${name} is ${settingText(now)}.\n`);
    },
  });
}

/** Asks only where runs would go. */
async function confirmDeletion({ client, io }: ClientContext, days: number, yes: number | undefined): Promise<void> {
  const { runs } = await client.call("GET /settings/ended-runs", { query: { days } });
  await confirmNumber(
    io,
    { count: runs, of: "run", flag: "--yes-runs", what: (all) => `Delete ${all}` },
    runs > 0,
    yes,
  );
}
