import type { Command } from "commander";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { categoryId } from "./categories.ts";
import { type HostOptions, hostFieldsOf, withHostOptions } from "./host-options.ts";

interface Options extends ClientOptions, HostOptions {}

export function addHostsAdd(hosts: Command, io: CliIo): void {
  addClientCommand<Options>(hosts, io, {
    name: "add <name>",
    description: "add a host",
    options: (command) => {
      withHostOptions(command);
      command.options.find(({ long }) => long === "--category")?.makeOptionMandatory();
      return command;
    },
    async action({ client, print }, [name = ""], options) {
      const appCategoryId = await categoryId(client, options.category ?? "", options.makeCategory === true);
      const host = await client.call("POST /hosts", { body: { ...hostFieldsOf(options), name, appCategoryId } });
      await print(host, () => `Added ${host.name} (${host.id}).\n`);
    },
  });
}
