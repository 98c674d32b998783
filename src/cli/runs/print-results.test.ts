import { Command } from "commander";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ConsoleProduct, mockHosts, startConsoleProduct } from "../../../test/testkit/console-product.ts";
import { addClientCommands } from "../client-commands.ts";
import type { CliIo } from "../io.ts";

/** What a run of hosts that do not answer prints. */

let product: ConsoleProduct;
let token: string;

beforeAll(async () => {
  product = await startConsoleProduct({
    hosts: mockHosts({ "Linux.Web/all": ["web", 3] }),
    engine: { behaviour: () => ({ end: { kind: "unreachable" } }) },
  });
  ({ token } = await product.client.call("POST /tokens", { body: { name: "cli" } }));
}, 120_000);
afterAll(() => product?.[Symbol.asyncDispose]());

async function resultsOf(query: string): Promise<string> {
  const written: string[] = [];
  const io: CliIo = {
    environment: { OMSERVER_URL: product.url, OMSERVER_TOKEN: token, HOME: "/nonexistent" },
    outIsTerminal: false,
    errIsTerminal: false,
    canAsk: false,
    columns: () => 100,
    rows: () => 30,
    out: async (data) => void written.push(Buffer.from(data).toString()),
    err: () => undefined,
    readInput: async () => Buffer.alloc(0),
    ask: async () => "",
    onInterrupt: () => () => undefined,
    setExitCode: () => undefined,
  };
  const program = new Command("omserver").exitOverride();
  addClientCommands(program, io);
  await program.parseAsync(["node", "omserver", "run", "--query", query, "--", "true"]);
  return written.join("");
}

it("names host and address in the reason of a host that shares it with nobody", async () => {
  const [only] = (await product.client.call("GET /hosts", { query: { query: "name=web*" } })).rows;
  const name = only?.name ?? "";

  const results = await resultsOf(name);

  expect(results).toContain(`${name} (1 host): unreachable\n${name} (${only?.innerAddress}`);
  expect(results).not.toContain("‹");
});

it("tells once what several hosts share", async () => {
  const results = await resultsOf("web*");

  expect(results.match(/‹host› \(‹address›/g)).toHaveLength(1);
  expect(results).toContain("(3 hosts): unreachable\n");
});
