import type { Command } from "commander";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { table } from "../terminal/table.ts";
import type { ControllerRow } from "./standing.ts";

interface Options extends ClientOptions {
  readonly probe?: boolean;
}

/** `omserver engines`: what each controller can use, and if not, why and how to mend it. */
export function addEnginesCommand(program: Command, io: CliIo): void {
  addClientCommand<Options>(program, io, {
    name: "engines",
    description: "which engines each controller can use, and if not, why and how to mend it",
    options: (command) => command.option("--probe", "have every connected controller look anew first"),
    async action({ client, print }, _words, { probe = false }) {
      const first = await client.call("GET /controllers", {});
      if (probe) {
        for (const { name, connected } of first.controllers) {
          if (connected) await client.call("POST /controllers/:name/probe", { params: { name } });
        }
      }
      const { controllers } = probe ? await client.call("GET /controllers", {}) : first;
      const shown = controllers.filter(({ state }) => state !== "revoked");
      await print(
        shown.map(({ name, zone, connected, engines }) => ({ controller: name, zone, connected, engines })),
        () => engineTable(shown),
      );
    },
  });
}

export function engineTable(controllers: readonly ControllerRow[]): string {
  const rows = controllers.flatMap(({ name, engines }) =>
    engines.map((engine) => [
      name,
      engine.id,
      engine.usable ? "usable" : "not usable",
      engine.usable ? engine.version : "",
      engine.usable ? engine.warning : `${engine.reason} ${engine.mend}`.trim(),
    ]),
  );
  return table(["controller", "engine", "", "version", ""], rows);
}
