import { Command } from "commander";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ConsoleProduct, mockHosts, startConsoleProduct } from "../../test/testkit/console-product.ts";
import { hostilePayloads } from "../../test/testkit/hostile-payloads.ts";
import { addClientCommands } from "./client-commands.ts";
import type { CliIo } from "./io.ts";

/** Everything that a host might print to attack who looks, through the real commands to a terminal. */

let product: ConsoleProduct;
let token: string;

beforeAll(async () => {
  product = await startConsoleProduct({
    hosts: mockHosts({ "Linux.Evil/all": ["evil", hostilePayloads.length] }),
    engine: {
      behaviour({ position }) {
        const payload = hostilePayloads[position] ?? "";
        return { stdout: payload, stderr: payload, notices: [Buffer.from(payload).toString()] };
      },
    },
  });
  ({ token } = await product.client.call("POST /tokens", { body: { name: "cli" } }));
}, 120_000);
afterAll(() => product?.[Symbol.asyncDispose]());

/** What a command writes to the terminal, results and messages. */
async function onTerminal(...words: readonly string[]): Promise<string> {
  const written: Buffer[] = [];
  const io: CliIo = {
    environment: { OMSERVER_URL: product.url, OMSERVER_TOKEN: token, HOME: "/nonexistent" },
    outIsTerminal: true,
    errIsTerminal: true,
    canAsk: false,
    columns: () => 100,
    rows: () => 30,
    out: async (data) => void written.push(Buffer.from(data)),
    err: (text) => void written.push(Buffer.from(text)),
    readInput: async () => Buffer.alloc(0),
    ask: async () => "",
    onInterrupt: () => () => undefined,
    setExitCode: () => undefined,
  };
  const program = new Command("omserver").exitOverride();
  addClientCommands(program, io);
  await program.parseAsync(["node", "omserver", ...words]);
  return Buffer.concat(written).toString("utf8");
}

/** What the product itself does to a terminal: colours, and the line that tells how far a run is. */
const own = /\x1b\[(?:[0-9;]*m|[0-9]+F|0?J)/g;
const acting = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

it("acts on no terminal when a run is watched, shown or printed host by host, and exports are text", async () => {
  const count = hostilePayloads.length;
  const watched = await onTerminal("run", "--query", "Linux.Evil", "--yes-hosts", String(count), "--", "cat");
  const [run] = (await product.client.call("GET /runs", {})).rows;
  const number = String(run?.id);
  const shown: string[] = [];
  const printed: string[] = [];
  for (const { hostName } of (await executionsOf(run?.id ?? 0)).slice(0, count)) {
    shown.push(await onTerminal("runs", "show", number, hostName));
    printed.push(await onTerminal("runs", "output", number, hostName));
  }
  const exported = await onTerminal("runs", "export", number, "--format", "text");
  const csv = await onTerminal("runs", "export", number, "--format", "csv");

  expect(printed).toHaveLength(count);
  expect(watched.replace(own, "")).not.toMatch(acting);
  for (const text of printed) expect(text.replace(/\x1b\[[0-9;]*m/g, "")).not.toMatch(acting);
  for (const text of shown) expect(text.replace(/\x1b\[[0-9;]*m/g, "")).not.toMatch(acting);
  expect(exported).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
  expect(csv.replaceAll("\r\n", "\n")).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
}, 180_000);

async function executionsOf(id: number) {
  const { rows } = await product.client.call("GET /runs/:id/executions", { params: { id }, query: { limit: 1000 } });
  return rows;
}
