import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { list, table, timeText } from "../terminal/table.ts";
import { categoryPaths } from "./categories.ts";
import { findHost } from "./find-host.ts";

export function addHostsShow(hosts: Command, io: CliIo): void {
  addClientCommand(hosts, io, {
    name: "show <host>",
    description: "show one host and what ran on it lately",
    async action({ client, print }, [name = ""]) {
      const { id } = await findHost(client, name);
      const detail = await client.call("GET /hosts/:id", { params: { id } });
      const paths = await categoryPaths(client);
      const { host, executions } = detail;
      await print(detail, () => {
        const fields = list([
          ["name", host.name],
          ["number", host.id],
          ["category", paths.get(host.appCategoryId) ?? ""],
          ["inner address", host.innerAddress],
          ["outer address", host.outerAddress],
          ["port", host.port],
          ["os", host.os],
          ["engines", host.engines.join(" ")],
          ["user", host.user],
          ["credential", host.credential],
          ["proxy jump", host.proxyJump],
          ["tags", host.tags.join(" ")],
          ["enabled", host.enabled ? "yes" : "no"],
          ["claim", host.claim ? "yes" : "no"],
          ["note", host.note],
          ["changed", timeText(host.updatedAt)],
        ]);
        if (executions.length === 0) return fields;
        const rows = executions.map((each) => [
          each.runId,
          each.moduleName.en,
          each.state,
          each.exitCode ?? "",
          timeText(each.finishedAt ?? each.startedAt),
        ]);
        return `${fields}\n${table(["run", "module", "state", "exit", "time"], rows)}`;
      });
    },
  });
}
