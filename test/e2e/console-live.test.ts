import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hostilePayloads } from "../../console/components/output/hostile-payloads.ts";
import { openBrowser, type TestBrowser } from "../testkit/browser.ts";
import { signIn } from "../testkit/console-page.ts";
import { type ConsoleProduct, cuttable, mockHosts, startConsoleProduct } from "../testkit/console-product.ts";

let browser: TestBrowser;
let product: ConsoleProduct;

beforeAll(async () => {
  product = await startConsoleProduct({
    hosts: mockHosts({ "Linux.Web/www": ["web", 40], "Linux.Evil/all": ["evil", hostilePayloads.length] }),
    engine: {
      behaviour: ({ name, position }, task) => {
        if (name.startsWith("evil"))
          return { stdout: hostilePayloads[position] ?? "", stderr: hostilePayloads[position] ?? "" };
        if (task.kind === "command" && task.argv[0] === "slowly")
          return { runMilliseconds: [500, 6_000], stdout: "done\n" };
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

  for (let cut = 0; cut < 3; cut++) {
    way.cut();
    await page.getByText("connection lost, trying again").waitFor();
    way.mend();
    await page
      .getByText("live", { exact: true })
      .or(page.getByText("succeeded", { exact: true }))
      .waitFor();
  }

  await page.getByText("succeeded", { exact: true }).waitFor();
  await page.getByText("40 of 40 hosts answered").waitFor();
  await page.getByText("web[01-40]").waitFor();
  expect(await page.getByRole("gridcell").count()).toBe(40);
  await context.close();
});

it("brings every line of a running host once, over any number of cuts", async () => {
  await using way = await cuttable(product.url);
  const { page, context } = await browser.open();
  await signIn(page, product, way.url);
  // The mock makes these bytes as they are pulled; they are numbered lines in the end's content only by their count.
  const { id } = await product.client.call("POST /runs", {
    body: { query: "web01", command: ["mock", "bytes=400000", "latency=3000"] },
  });
  await page.goto(`${way.url}/runs/${id}?host=0`);
  const host = page.getByRole("complementary", { name: "Host web01" });
  await host.waitFor();

  for (let cut = 0; cut < 2; cut++) {
    way.cut();
    await page.getByText("connection lost, trying again").waitFor();
    way.mend();
    await page
      .getByText("live", { exact: true })
      .or(page.getByText("succeeded", { exact: true }))
      .waitFor();
  }
  await page.getByText("succeeded", { exact: true }).waitFor();

  await host.getByText("complete", { exact: true }).waitFor();
  await host.getByText("390.6 KiB").waitFor();
  await context.close();
});

it("renders over a hundred hostile outputs as text: no script, link, request or breach of the policy", async () => {
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
  await page.getByText(`${count} of ${count} hosts answered`).waitFor();
  await unfoldEverything(page);

  const elements = await page.evaluate(
    `[...new Set([...document.querySelectorAll("[role=group][aria-label^=std] *")].map((one) => one.tagName))].sort().join()`,
  );
  expect(elements).toMatch(/^DIV(,SPAN)?$/);
  const attributes = await page.evaluate(
    `[...new Set([...document.querySelectorAll("[role=group][aria-label^=std] *")].flatMap((one) => one.getAttributeNames()))].sort().join()`,
  );
  expect(attributes).toMatch(/^class(,data-index)?(,style)?$/);
  expect(await page.title()).toBe("Command · OMServer");
  expect(requests.filter((url) => !url.startsWith(`${product.url}/`))).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
}, 120_000);

/** Opens every group, also those behind “more”, a few at a time. */
async function unfoldEverything(page: Page): Promise<void> {
  for (;;) {
    const more = page.getByRole("button", { name: /^Show \d+ more answers?$/ });
    if ((await more.count()) > 0) await more.click();
    const folded = page.locator("article header button[aria-expanded=false]");
    const number = await folded.count();
    if (number === 0 && (await more.count()) === 0) break;
    for (let index = 0; index < number; index++) await folded.first().click();
  }
  await page.waitForFunction(`document.querySelector('[role="status"][aria-label]') === null`);
}
