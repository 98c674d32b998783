import type { Command } from "commander";
import type { z } from "zod";
import { OmError } from "../../contract/errors.ts";
import type { hostsChangeReport } from "../../contract/http/schemas/inventory.ts";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import { confirmHosts } from "../confirm.ts";
import type { CliIo } from "../io.ts";
import { collected, positiveNumber } from "../numbers.ts";
import { safeLine } from "../terminal/safe-text.ts";
import { count } from "../terminal/table.ts";
import { wordsOf } from "../terminal/words.ts";
import { categoryId } from "./categories.ts";
import { hostTotal } from "./find-host.ts";
import { type HostOptions, hostFieldsOf, withHostOptions } from "./host-options.ts";

interface Options extends ClientOptions, HostOptions {
  readonly name?: string;
  readonly addTag?: readonly string[];
  readonly removeTag?: readonly string[];
  readonly preview?: boolean;
  readonly yesHosts?: number;
}

export function addHostsEdit(hosts: Command, io: CliIo): void {
  addClientCommand<Options>(hosts, io, {
    name: "edit <query>",
    description: "change every host that a query matches, disabled ones too; more than one must be confirmed",
    options: (command) =>
      withHostOptions(command)
        .option("--name <name>", "new name, for one host")
        .option("--add-tag <tag>", "a tag besides those that each host has; repeat it for more", collected)
        .option("--remove-tag <tag>", "a tag to take from each host that has it; repeat it for more", collected)
        .option("--preview", "only tell what would change")
        .option("--yes-hosts <number>", "confirm that it is so many hosts", positiveNumber),
    async action({ client, print, usage }, [query = ""], options) {
      if (query.trim() === "") usage("An empty query would mean every host. Write * for all of them.");
      const { category, makeCategory, name, addTag, removeTag, preview = false, yesHosts } = options;
      const change = {
        ...hostFieldsOf(options),
        ...(name === undefined ? {} : { name }),
        ...(addTag === undefined ? {} : { addTags: [...addTag] }),
        ...(removeTag === undefined ? {} : { removeTags: [...removeTag] }),
        ...(category === undefined ? {} : { appCategoryId: await categoryId(client, category, makeCategory === true) }),
      };
      if (Object.keys(change).length === 0) {
        throw new OmError("request.invalid", "Nothing to change was named. See: omserver hosts edit --help");
      }
      const expectedCount = await hostTotal(client, query);
      if (expectedCount === 0) throw new OmError("query.no_hosts", "The query matches no host. Nothing was changed.");
      if (preview) {
        const report = await client.call("POST /hosts/change", { body: { query, expectedCount, change, preview } });
        return print(report, () => reportText(report));
      }
      const needed = expectedCount > 1;
      const fields = Object.keys(change).map(fieldText).join(", ");
      await confirmHosts(io, expectedCount, (hosts) => `Change ${fields} on ${hosts}`, { needed, yesHosts });
      const result = await client.call("POST /hosts/change", { body: { query, expectedCount, change } });
      await print(result, () => `Changed ${count(result.changed, "host")}.\n`);
    },
  });
}

function reportText({ changed, unchanged, hosts, effects }: z.output<typeof hostsChangeReport>): string {
  const lines = effects.map(({ field, count: number, from, to }) => {
    const before = from.map(({ value, count: so }) => `${value || "–"} (${so})`).join(", ");
    return `${fieldText(field)}: ${effectText(field, before, to || "–")} on ${count(number, "host")}`;
  });
  const end = `Would change ${count(changed, "host")}${hosts === "" ? "" : ` (${hosts})`}, ${unchanged} unchanged. Nothing was written.`;
  return `${[...lines, end].map(safeLine).join("\n")}\n`;
}

function effectText(field: string, before: string, to: string): string {
  switch (field) {
    case "addTags":
      return `${to} (besides ${before})`;
    case "removeTags":
      return `${to} (of ${before})`;
    default:
      return `${before} → ${to}`;
  }
}

function fieldText(field: string): string {
  return field === "appCategoryId" ? "category" : wordsOf(field);
}
