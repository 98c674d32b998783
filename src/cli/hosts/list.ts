import type { Command } from "commander";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { positiveNumber } from "../numbers.ts";
import { count, table } from "../terminal/table.ts";
import { categoryPaths } from "./categories.ts";
import { listHosts } from "./find-host.ts";

interface Options extends ClientOptions {
  readonly limit: number;
}

export function addHostsList(hosts: Command, io: CliIo): void {
  addClientCommand<Options>(hosts, io, {
    name: "list [query]",
    description: "list hosts that a query matches, disabled ones too; all without a query",
    options: (command) => command.option("--limit <number>", "show at most so many", positiveNumber, 1000),
    async action({ client, print, say }, [query = ""], { limit }) {
      const { rows, total } = await listHosts(client, query, limit);
      const paths = await categoryPaths(client);
      await print({ hosts: rows, total }, () =>
        table(
          ["name", "category", "address", "port", "os", "engines", "tags", ""],
          rows.map((host) => [
            host.name,
            paths.get(host.appCategoryId) ?? "",
            host.innerAddress || host.outerAddress,
            host.port,
            host.os,
            host.engines.join(" "),
            host.tags.join(" "),
            host.enabled ? "" : "disabled",
          ]),
        ),
      );
      if (rows.length < total)
        say(`${count(rows.length, "host")} of ${total.toLocaleString("en")}; show more with --limit.`);
    },
  });
}
