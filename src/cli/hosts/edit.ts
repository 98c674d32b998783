import type { Command } from "commander";
import { OmError } from "../../contract/errors.ts";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import { confirmHosts } from "../confirm.ts";
import type { CliIo } from "../io.ts";
import { positiveNumber } from "../numbers.ts";
import { count } from "../terminal/table.ts";
import { categoryId } from "./categories.ts";
import { hostTotal } from "./find-host.ts";
import { type HostOptions, hostFieldsOf, withHostOptions } from "./host-options.ts";

interface Options extends ClientOptions, HostOptions {
  readonly name?: string;
  readonly yesHosts?: number;
}

export function addHostsEdit(hosts: Command, io: CliIo): void {
  addClientCommand<Options>(hosts, io, {
    name: "edit <query>",
    description: "change every host that a query matches, disabled ones too; more than one must be confirmed",
    options: (command) =>
      withHostOptions(command)
        .option("--name <name>", "new name, for one host")
        .option("--yes-hosts <number>", "confirm that it is so many hosts", positiveNumber),
    async action({ client, print, usage }, [query = ""], options) {
      if (query.trim() === "") usage("An empty query would mean every host. Write * for all of them.");
      const { category, makeCategory, name, yesHosts } = options;
      const change = {
        ...hostFieldsOf(options),
        ...(name === undefined ? {} : { name }),
        ...(category === undefined ? {} : { appCategoryId: await categoryId(client, category, makeCategory === true) }),
      };
      if (Object.keys(change).length === 0) {
        throw new OmError("request.invalid", "Nothing to change was named. See: omserver hosts edit --help");
      }
      const expectedCount = await hostTotal(client, query);
      if (expectedCount === 0) throw new OmError("query.no_hosts", "The query matches no host. Nothing was changed.");
      const needed = expectedCount > 1;
      await confirmHosts(io, expectedCount, `Change ${Object.keys(change).join(", ")}`, { needed, yesHosts });
      const result = await client.call("POST /hosts/change", { body: { query, expectedCount, change } });
      await print(result, () => `Changed ${count(result.changed, "host")}.\n`);
    },
  });
}
