import type { Command } from "commander";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { sendBody } from "../response-body.ts";

export function addHostsExport(hosts: Command, io: CliIo): void {
  addClientCommand<ClientOptions>(hosts, io, {
    name: "export [query]",
    description: "write hosts as CSV that can be imported again; all without a query",
    async action({ client, json, print }, [query = ""]) {
      const response = await client.call("GET /hosts/export", { query: { query } });
      if (json) await print({ format: "csv", text: await response.text() }, () => "");
      else await sendBody(response, io);
    },
  });
}
