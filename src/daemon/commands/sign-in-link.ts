import { existsSync } from "node:fs";
import type { Command } from "commander";
import { OmError } from "../../contract/errors.ts";
import { createSignInLink } from "../../web/http/sign-in-links.ts";
import type { DatabaseConfig } from "../../web/store/database-config.ts";
import { openStore } from "../../web/store/open.ts";
import { addressOf } from "../config.ts";
import { type ConfigOptions, configOf, withConfigOptions } from "./options.ts";

export function addSignInLinkCommand(program: Command): void {
  withConfigOptions(program.command("sign-in-link <name>"))
    .description("print a link that signs a user in once, for when a password is lost; run it on the server")
    .option("--json", "print the link and when it ends as JSON")
    .action(printLink);
}

async function printLink(name: string, options: ConfigOptions & { readonly json?: boolean }): Promise<void> {
  const config = configOf(options);
  refuseWhereNothingIs(config.database);
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
    console.log(options.json ? JSON.stringify(link, undefined, 2) : link.url);
  } finally {
    await store.close();
  }
}

/** Opening the store would make an empty one where a data folder is mistyped. */
function refuseWhereNothingIs(database: DatabaseConfig): void {
  if (database.kind !== "sqlite" || existsSync(database.file)) return;
  throw new OmError(
    "store.unavailable",
    `There is no OMServer in ${database.file}. Name its data folder with --data, or its configuration with --config.`,
  );
}
