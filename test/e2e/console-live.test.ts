import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createLocalEngine } from "../../src/engines/local/local-engine.ts";
import { openBrowser, type TestBrowser } from "../testkit/browser.ts";
import { signIn } from "../testkit/console-page.ts";
import { type ConsoleProduct, cuttable, mockHosts, startConsoleProduct } from "../testkit/console-product.ts";
import { hostilePayloads } from "../testkit/hostile-payloads.ts";

// A browser on a busy machine: slow is not wrong.
vi.setConfig({ testTimeout: 180_000 });

let browser: TestBrowser;
let product: ConsoleProduct;

beforeAll(async () => {
  product = await startConsoleProduct({
    hosts: `${mockHosts({ "Linux.Web/www": ["web", 40], "Linux.Evil/all": ["evil", hostilePayloads.length] })}
here,Linux.Here,this machine,127.0.0.1,local`,
    engines: [createLocalEngine()],
    engine: {
      behaviour: ({ name, position }, task) => {
        if (name.startsWith("evil"))
          return {
            stdout: hostilePayloads[position] ?? "",
            stderr: hostilePayloads[position] ?? "",
            notices: [
              Buffer.from(hostilePayloads[position] ?? "").toString(),
              "The host key of 10.0.0.1:22 was trusted on first use.",
            ],
          };
        if (task.kind === "command" && task.argv[0] === "slowly")
          return name === "web40" ? { end: { kind: "hang" } } : { runMilliseconds: [200, 1_500], stdout: "done\n" };
        return undefined;
      },
    },
  });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await product?.[Symbol.asyncDispose]();
});

it("shows a cut connection, heals by itself, and ends with what the server has", async () => {
  await using way = await cuttable(product.url);
  const { page, context } = await browser.open();
  await signIn(page, product, way.url);
  const { id } = await product.client.call("POST /runs", { body: { query: "Linux.Web", command: ["slowly"] } });
  await page.goto(`${way.url}/runs/${id}`);
  await page.getByText("live", { exact: true }).waitFor();

  // One host hangs, so that the run waits for the test and not the test for the run.
  for (let cut = 0; cut < 3; cut++) {
    way.cut();
    await page.getByText("connection lost, trying again").waitFor();
    way.mend();
    await page.getByText("live", { exact: true }).waitFor();
  }
  await page.getByText("39 of 40 hosts done").waitFor();
  await page.getByText("web[01-39]").waitFor();
  await product.client.call("POST /runs/:id/cancel", { params: { id } });

  await page.getByText("40 of 40 hosts done").waitFor();
  await page.getByRole("button", { name: "Run again" }).waitFor();
  await page.getByRole("grid", { name: "40 hosts by state" }).waitFor();
  await context.close();
});

it("brings every line of a running host once and in order, over any number of cuts", async () => {
  await using way = await cuttable(product.url);
  const { page, context } = await browser.open();
  await signIn(page, product, way.url);
  // Few enough lines that all of them are in the page, not only those in view.
  const lines = 'i=1; while [ $i -le 180 ]; do echo "line $i."; sleep 0.05; i=$((i+1)); done';
  using folder = temporaryFolder();
  const text = `${lines}; while [ ! -e ${folder.path}/end ]; do sleep 0.1; done`;
  const script = { interpreter: ["/bin/sh"], text };
  const { id } = await product.client.call("POST /runs", { body: { query: "here", script } });
  await page.goto(`${way.url}/runs/${id}?host=0`);
  const log = page.getByRole("complementary", { name: "Host here" }).getByRole("log");

  for (const line of [15, 50, 90]) {
    await log.getByText(`line ${line}.`, { exact: true }).waitFor();
    way.cut();
    await page.getByText("connection lost, trying again").waitFor();
    way.mend();
    await page.getByText("live", { exact: true }).waitFor();
    const seen = (await log.evaluate("document.querySelector('[role=log]').innerText")) as string;
    expect(numbersIn(seen)).toEqual(counting(numbersIn(seen).length));
  }
  await log.getByText("line 180.", { exact: true }).waitFor();
  writeFileSync(join(folder.path, "end"), "");
  await page.getByText("succeeded", { exact: true }).waitFor();
  const bytes = await (
    await product.client.call("GET /runs/:id/executions/:position/output", { params: { id, position: 0 } })
  ).text();
  expect(numbersIn(bytes)).toEqual(counting(180));
  await context.close();
});

it("renders over two hundred hostile outputs as text: no script, link, request or breach of the policy", async () => {
  const { page, context, complaints } = await browser.open();
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  await signIn(page, product);
  const count = hostilePayloads.length;
  const { id } = await product.client.call("POST /runs", {
    body: { query: "Linux.Evil", command: ["cat"], ...{ confirmHostCount: count } },
  });
  const events = await product.client.call("GET /runs/:id/live", { params: { id } });
  await events.text();

  await page.goto(`${product.url}/runs/${id}`);
  await page.getByText(`${count} of ${count} hosts done`).waitFor();
  await unfoldEverything(page);

  const elements = await page.evaluate(
    `[...new Set([...document.querySelectorAll("[role=group][aria-label^=std] *")].map((one) => one.tagName))].sort().join()`,
  );
  expect(elements).toMatch(/^DIV(,SPAN)?$/);
  const attributes = await page.evaluate(
    `[...new Set([...document.querySelectorAll("[role=group][aria-label^=std] *")].flatMap((one) => one.getAttributeNames()))].sort().join()`,
  );
  expect(attributes).toMatch(/^class(,data-index)?(,style)?$/);

  for (const host of [0, 1, 2]) {
    await page.goto(`${product.url}/runs/${id}?host=${host}`);
    const notices = page.getByRole("region", { name: "Told by the engine" });
    await notices.getByText("The host key of 10.0.0.1:22 was trusted on first use.").waitFor();
    const inside = await notices.locator("*").evaluateAll((found) => [...new Set(found.map((one) => one.tagName))]);
    expect(inside.sort()).toEqual(["H3", "LI", "TIME", "UL"]);
  }
  expect(await page.title()).toBe("Command · OMServer");
  expect(requests.filter((url) => !url.startsWith(`${product.url}/`))).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
});

/** Opens every group, also those behind “more”. */
async function unfoldEverything(page: Page): Promise<void> {
  const more = page.getByRole("button", { name: /^Show \d+ more answers?$/ });
  while ((await more.count()) > 0) await more.click();
  const folded = page.locator("article header button[aria-expanded=false]");
  // Cards further down may come after the first look.
  const unfold = async () => {
    await page.evaluate(
      `document.querySelectorAll("article header button[aria-expanded=false]").forEach((button) => button.click())`,
    );
    return folded.count();
  };
  await expect.poll(unfold, { timeout: 20_000 }).toBe(0);
  await expect.poll(() => page.locator('[role="status"][aria-label]').count(), { timeout: 20_000 }).toBe(0);
}

function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "omserver-live-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

function numbersIn(text: string): readonly number[] {
  return [...text.matchAll(/line (\d+)\./g)].map(([, number]) => Number(number));
}

/** 1 … n. */
function counting(n: number): readonly number[] {
  return Array.from({ length: n }, (_, index) => index + 1);
}
