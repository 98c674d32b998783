import type { Command } from "commander";
import { OmError } from "../../contract/errors.ts";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import { confirmHosts } from "../confirm.ts";
import type { CliIo } from "../io.ts";
import { positiveNumber } from "../numbers.ts";
import { count } from "../terminal/table.ts";
import { hostTotal } from "./find-host.ts";

interface Options extends ClientOptions {
  readonly yesHosts?: number;
}

export function addHostsRemove(hosts: Command, io: CliIo): void {
  addClientCommand<Options>(hosts, io, {
    name: "remove <query>",
    description: "delete every host that a query matches, disabled ones too; their runs stay",
    options: (command) => command.option("--yes-hosts <number>", "confirm that it is so many hosts", positiveNumber),
    async action({ client, print, usage }, [query = ""], { yesHosts }) {
      if (query.trim() === "") usage("An empty query would mean every host. Write * for all of them.");
      const expectedCount = await hostTotal(client, query);
      if (expectedCount === 0) throw new OmError("query.no_hosts", "The query matches no host. Nothing was deleted.");
      await confirmHosts(io, expectedCount, (hosts) => `Delete ${hosts} from the inventory`, {
        needed: true,
        yesHosts,
      });
      const result = await client.call("POST /hosts/delete", { body: { query, expectedCount } });
      await print(result, () => `Deleted ${count(result.deleted, "host")}.\n`);
    },
  });
}
