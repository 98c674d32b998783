import type { Command } from "commander";
import { OmError } from "../../contract/errors.ts";
import { createSignInLink } from "../../web/http/sign-in-links.ts";
import { openStore } from "../../web/store/open.ts";
import { addressOf } from "../config.ts";
import { type ConfigOptions, configOf, withConfigOptions } from "./options.ts";

export function addSignInLinkCommand(program: Command): void {
  withConfigOptions(program.command("sign-in-link <name>"))
    .description("print a link that signs a user in once, for when a password is lost; run it on the server")
    .action(printLink);
}

async function printLink(name: string, options: ConfigOptions): Promise<void> {
  const config = configOf(options);
  const store = await openStore(config.database);
  try {
    const found = await store.users.findByName(name);
    if (found === undefined) {
      const names = (await store.users.list()).map((user) => user.name);
      throw new OmError(
        "request.not_found",
        `There is no user “${name}”. There are: ${names.join(", ") || "none yet"}.`,
      );
    }
    await store.audit.append({
      at: Date.now(),
      actor: "server console",
      source: "cli",
      action: "user.sign_in_link",
      object: found.user.name,
      hosts: "",
      detail: {},
    });
    const link = await createSignInLink(store, found.user.id, addressOf(config));
    console.log(link.url);
  } finally {
    await store.close();
  }
}
