import type { Command } from "commander";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { timeText } from "../terminal/table.ts";

interface Options extends ClientOptions {
  readonly zone?: string;
}

export function addControllerInvite(controller: Command, io: CliIo): void {
  addClientCommand<Options>(controller, io, {
    name: "invite <name>",
    description: "print the line that makes another machine this controller; it works once, within 30 minutes",
    options: (command) => command.option("--zone <zone>", "whose hosts it will reach (default: the one it had)"),
    async action({ client, print, say }, [name = ""], { zone }) {
      const invitation = await client.call("POST /controllers/:name/invitation", {
        params: { name },
        body: zone === undefined ? {} : { zone },
      });
      const { server, token, authoritySha256 } = invitation;
      await print(
        invitation,
        () => `omserver controller enrol --server ${server} --token ${token} --ca-sha256 ${authoritySha256}\n`,
      );
      say(`Run it on the machine that is to be “${name}”, until ${timeText(invitation.expiresAt)}.`);
    },
  });
}
