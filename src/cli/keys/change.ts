import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { type EngineOptions, engineOf, withEngineOptions } from "./engine-options.ts";

const told = { accept: "Accepted", reject: "Rejected", delete: "Deleted" } as const;

export function addKeysChange(parent: Command, io: CliIo, action: keyof typeof told): void {
  addClientCommand<EngineOptions>(parent, io, {
    name: `${action} <host>`,
    description: `${action} the key of a host`,
    options: withEngineOptions,
    async action({ client, print }, [host = ""], options) {
      const body = { host, action };
      await client.call("POST /controllers/:name/engines/:engine/keys", { params: engineOf(options), body });
      await print({ host, action }, () => `${told[action]} the key of ${host}.\n`);
    },
  });
}
