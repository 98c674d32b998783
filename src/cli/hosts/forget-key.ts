import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { findHost } from "./find-host.ts";

export function addHostsForgetKey(hosts: Command, io: CliIo): void {
  addClientCommand(hosts, io, {
    name: "forget-key <host>",
    description: "forget a host's SSH key, after it was rebuilt and somebody looked that it was",
    async action({ client, print }, [name = ""]) {
      const host = await findHost(client, name);
      await client.call("DELETE /hosts/:id/key", { params: { id: host.id } });
      await print({ forgotten: host.name }, () => `Forgot the SSH key of ${host.name}.\n`);
    },
  });
}
