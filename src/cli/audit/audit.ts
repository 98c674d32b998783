import type { Command } from "commander";
import type { CliIo } from "../io.ts";
import { addAuditList } from "./list.ts";
import { addAuditShell } from "./shell.ts";
import { addAuditVerify } from "./verify.ts";

export function addAuditCommands(program: Command, io: CliIo): void {
  const audit = program.command("audit").description("who did what to which hosts");
  addAuditList(audit, io);
  addAuditVerify(audit, io);
  addAuditShell(audit, io);
}
