import type { Command } from "commander";
import type { CliIo } from "../io.ts";
import { addRunsApprove } from "./approve.ts";
import { addRunsCancel } from "./cancel.ts";
import { addRunsExport } from "./export.ts";
import { addRunsList } from "./list.ts";
import { addRunsOutput } from "./output.ts";
import { addRunsReject } from "./reject.ts";
import { addRunsRerun } from "./rerun.ts";
import { addRunsShow } from "./show.ts";

export function addRunsCommands(program: Command, io: CliIo): void {
  const runs = program.command("runs").description("runs and what hosts answered");
  addRunsList(runs, io);
  addRunsShow(runs, io);
  addRunsOutput(runs, io);
  addRunsApprove(runs, io);
  addRunsReject(runs, io);
  addRunsCancel(runs, io);
  addRunsRerun(runs, io);
  addRunsExport(runs, io);
}
