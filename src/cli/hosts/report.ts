import type { Command } from "commander";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { findHost } from "./find-host.ts";

interface Options extends ClientOptions {
  readonly stop?: boolean;
}

export function addHostsReport(hosts: Command, io: CliIo): void {
  addClientCommand<Options>(hosts, io, {
    name: "report <host>",
    description:
      "print a script with which a host reports the commands typed in its shells; its older one stops working",
    options: (command) => command.option("--stop", "instead: the host may no longer report"),
    async action({ client, print, say }, [name = ""], { stop }) {
      const { id } = await findHost(client, name);
      if (stop) {
        await client.call("DELETE /hosts/:id/report-token", { params: { id } });
        return print({ host: name }, () => `${name} may no longer report.\n`);
      }
      const made = await client.call("POST /hosts/:id/report-token", { params: { id } });
      await print(made, () => made.script);
      say(`Put it on ${name} as ${made.path}, readable by all, writable by root. It holds the host's token.`);
    },
  });
}
