import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { OmError } from "../../contract/errors.ts";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { positiveNumber } from "../numbers.ts";
import { sendBody } from "../response-body.ts";
import { findModule } from "./find-module.ts";

interface Options extends ClientOptions {
  readonly version?: number;
  readonly output?: string;
}

export function addModulesExport(modules: Command, io: CliIo): void {
  addClientCommand<Options>(modules, io, {
    name: "export <module>",
    description: "write a module as one file (YAML, scripts included) that modules import reads",
    options: (command) =>
      command
        .option("--version <number>", "an earlier version of it", positiveNumber)
        .option("--output <file>", "write it there and not to standard output; a file that is there is not replaced"),
    async action(context, [word = ""], { version, output }) {
      const { client, json, print, say } = context;
      const { id, key } = await findModule(context, word);
      const query = version === undefined ? {} : { version };
      const response = await client.call("GET /modules/:id/export", { params: { id }, query });
      if (output !== undefined) {
        await writeNew(output, Buffer.from(await response.arrayBuffer()));
        if (json) await print({ module: key, file: output }, () => "");
        else say(`${key} is written to ${output}.\n`);
      } else if (json) await print({ module: key, source: await response.text() }, () => "");
      else await sendBody(response, io);
    },
  });
}

async function writeNew(path: string, bytes: Buffer): Promise<void> {
  try {
    await writeFile(path, bytes, { flag: "wx" });
  } catch (cause) {
    const taken = (cause as NodeJS.ErrnoException).code === "EEXIST";
    const reason = taken ? "it is there already. Remove it, or name another" : (cause as Error).message;
    throw new OmError("request.invalid", `The file ${path} cannot be written: ${reason}.`, { cause });
  }
}
