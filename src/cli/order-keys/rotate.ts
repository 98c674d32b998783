import type { Command } from "commander";
import { addClientCommand } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { timeText } from "../terminal/table.ts";

export function addOrderKeysRotate(keys: Command, io: CliIo): void {
  addClientCommand(keys, io, {
    name: "rotate",
    description: "sign orders with a new key from now on; controllers follow by themselves",
    async action({ client, print }) {
      const rotated = await client.call("POST /order-keys/rotation", {});
      await print(
        rotated,
        () =>
          `Orders are signed with the key ${rotated.keyId} now; the one before is followed until ${timeText(rotated.previousUntil)}.\n`,
      );
    },
  });
}
