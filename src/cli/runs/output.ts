import { type Command, Option } from "commander";
import type { Client } from "../../contract/http/client.ts";
import { addClientCommand, type ClientOptions } from "../client-command.ts";
import type { CliIo } from "../io.ts";
import { safeText } from "../terminal/safe-text.ts";
import { positionOf } from "./position.ts";
import { runNumber } from "./run-number.ts";

interface Options extends ClientOptions {
  readonly stream: "stdout" | "stderr";
}

const pieceBytes = 1_048_576;

export function addRunsOutput(runs: Command, io: CliIo): void {
  addClientCommand<Options>(runs, io, {
    name: "output <run> <host>",
    description: "print what a host printed: byte-exact into a file or pipe, escaped on a terminal",
    options: (command) =>
      command.addOption(
        new Option("--stream <stream>", "which of the two").choices(["stdout", "stderr"]).default("stdout"),
      ),
    async action(context, [word = "", host = ""], { stream }) {
      const { client, json, print } = context;
      const runId = runNumber(context, word);
      const position = await positionOf(client, runId, host);
      if (json) {
        const pieces: Uint8Array[] = [];
        for await (const piece of piecesOf(client, runId, position, stream)) pieces.push(piece);
        const bytes = Buffer.concat(pieces);
        return print({ host, stream, bytes: bytes.length, base64: bytes.toString("base64") }, () => "");
      }
      const decoder = new TextDecoder();
      for await (const piece of piecesOf(client, runId, position, stream)) {
        const colours = !io.environment.NO_COLOR;
        await io.out(io.outIsTerminal ? safeText(decoder.decode(piece, { stream: true }), { colours }) : piece);
      }
    },
  });
}

async function* piecesOf(
  client: Client,
  id: number,
  position: number,
  stream: "stdout" | "stderr",
): AsyncGenerator<Uint8Array, void> {
  for (let offset = 0; ; ) {
    const response = await client.call("GET /runs/:id/executions/:position/output", {
      params: { id, position },
      query: { stream, offset, limit: pieceBytes },
    });
    const piece = new Uint8Array(await response.arrayBuffer());
    if (piece.byteLength === 0) return;
    yield piece;
    offset += piece.byteLength;
  }
}
