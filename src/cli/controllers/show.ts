import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { list, timeText } from "../terminal/table.ts";
import { engineTable } from "./engines.ts";
import { bytesText, type ControllerRow, standingText } from "./standing.ts";

export function addControllerShow(controller: Command, io: CliIo): void {
  addClientCommand(controller, io, {
    name: "show <name>",
    description: "show a controller: standing, load, spool, clock, certificate and engines",
    async action({ client, print }, [name = ""]) {
      const shown = await client.call("GET /controllers/:name", { params: { name } });
      await print(shown, () => `${factsText(shown)}\n${engineTable([shown])}`);
    },
  });
}

function factsText(shown: ControllerRow): string {
  const { certificate, clockSkewMilliseconds: skew, diskFreeBytes: free } = shown;
  return list([
    ["controller", shown.name],
    ["zone", shown.zone],
    ["standing", standingText(shown)],
    ["version", shown.version],
    ["first seen", timeText(shown.firstSeenAt)],
    ["last seen", timeText(shown.lastSeenAt)],
    ["carries", `${shown.load.runs} runs, ${shown.load.hosts} hosts`],
    ["spool", `${shown.spool.events} events, ${bytesText(shown.spool.bytes)}`],
    ["disk free", free === undefined ? "" : bytesText(free)],
    ["clock", skew === undefined ? "" : `${skew >= 0 ? "+" : "−"}${(Math.abs(skew) / 1000).toFixed(1)} s`],
    [
      "certificate",
      certificate === undefined
        ? "none: it runs in the web server's process, or has not been enrolled"
        : `since ${timeText(certificate.issuedAt)}, until ${timeText(certificate.expiresAt)}, serial ${certificate.serial}`,
    ],
  ]);
}
