import type { Command } from "commander";
import type { CliIo } from "../io.ts";
import { addHostsAdd } from "./add.ts";
import { addHostsEdit } from "./edit.ts";
import { addHostsExport } from "./export.ts";
import { addHostsForgetKey } from "./forget-key.ts";
import { addHostsImport } from "./import.ts";
import { addHostsList } from "./list.ts";
import { addHostsMatch } from "./match.ts";
import { addHostsRemove } from "./remove.ts";
import { addHostsReport } from "./report.ts";
import { addHostsShow } from "./show.ts";
import { addHostsTest } from "./test.ts";

export function addHostsCommands(program: Command, io: CliIo): void {
  const hosts = program.command("hosts").description("the inventory");
  addHostsList(hosts, io);
  addHostsShow(hosts, io);
  addHostsMatch(hosts, io);
  addHostsAdd(hosts, io);
  addHostsEdit(hosts, io);
  addHostsRemove(hosts, io);
  addHostsImport(hosts, io);
  addHostsExport(hosts, io);
  addHostsTest(hosts, io);
  addHostsReport(hosts, io);
  addHostsForgetKey(hosts, io);
}
