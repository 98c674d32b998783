import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { count } from "../terminal/table.ts";

export function addHostsMatch(hosts: Command, io: CliIo): void {
  addClientCommand(hosts, io, {
    name: "match <query>",
    description: "show which hosts a run with this query would take, folded",
    async action({ client, print, say }, [query = ""]) {
      const report = await client.call("POST /hosts/match", { body: { query } });
      const engines = report.engines.map((each) => `${each.count} by ${each.engine}`).join(", ");
      await print(report, () => (report.hosts === "" ? "" : `${report.hosts}\n`));
      say(`${count(report.count, "host")}${engines === "" ? "" : `: ${engines}`}`);
    },
  });
}
