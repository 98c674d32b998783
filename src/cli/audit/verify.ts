import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { CliIo } from "../io.ts";
import { count } from "../terminal/table.ts";

export function addAuditVerify(audit: Command, io: CliIo): void {
  addClientCommand(audit, io, {
    name: "verify",
    description: "check the whole hash chain; exit code 3 when it does not verify",
    async action({ client, print }) {
      const report = await client.call("GET /audit/verify", {});
      await print(report, () =>
        report.ok
          ? `${count(report.records, "record")} verified. Last hash: ${report.lastHash}\n`
          : `The chain breaks at record ${report.seq}: ${report.reason}\n`,
      );
      if (!report.ok) io.setExitCode(exitCodes.notWell);
    },
  });
}
