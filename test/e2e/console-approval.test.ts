import { AxeBuilder } from "@axe-core/playwright";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type Client, createClient } from "../../src/contract/http/client.ts";
import { createApiToken } from "../../src/web/http/sign-in-links.ts";
import { openBrowser, type TestBrowser } from "../testkit/browser.ts";
import { prefer, signIn } from "../testkit/console-page.ts";
import { type ConsoleProduct, mockHosts, startConsoleProduct } from "../testkit/console-product.ts";

// A browser on a busy machine: slow is not wrong.
vi.setConfig({ testTimeout: 120_000 });

let browser: TestBrowser;
let product: ConsoleProduct;
/** Another operator's API. */
let li: Client;

beforeAll(async () => {
  product = await startConsoleProduct({ hosts: mockHosts({ "Linux.Web/www": ["web", 3] }) });
  browser = await openBrowser();
  const { store } = product.running;
  const scope = { everything: true, functionCategories: [], appCategories: [] };
  const { id } = await store.users.create({ name: "li", role: "operator", scope, passwordHash: "" });
  li = createClient({ baseUrl: product.url, token: await createApiToken(store, id, "test") });
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await product?.[Symbol.asyncDispose]();
});

async function open(language: "en" | "zh" = "en") {
  const opened = await browser.open();
  await prefer(opened.page, "light", language);
  await signIn(opened.page, product);
  return opened;
}

const start = (client: Client) =>
  client.call("POST /runs", { body: { command: ["mock", "stdout=up"], query: "web[01-03]", confirmHostCount: 3 } });
const stateOf = async (id: number) => (await li.call("GET /runs/:id", { params: { id } })).state;

it("is set in the settings, counted where runs are, and approved by whoever it waits for", async () => {
  const { page, context, complaints } = await open();
  await page.goto(`${product.url}/settings`);
  await page.getByText("All that change something").click();
  await page.getByLabel("Waiting time, min").fill("30");
  await page.getByLabel("Typed confirmation above").fill("2");
  await page.getByRole("button", { name: "Save settings" }).click();
  await page.getByText("The settings are saved.").waitFor();
  const { id, state } = await start(li);
  expect(state).toBe("awaiting_approval");

  await page.goto(`${product.url}/`);
  await page.getByRole("link", { name: "Runs, 1 waits for you" }).click();
  await page.getByRole("button", { name: "1 run waits for you" }).click();
  await page.waitForURL(/waitingFor=me/);
  await page.getByRole("link", { name: String(id), exact: true }).click();
  await page.getByText("li asks for a second person.").waitFor();
  const waiting = page.getByRole("region", { name: "Second person" });
  await waiting.getByText("Can be approved by: ada").waitFor();
  const approve = waiting.getByRole("button", { name: /^Approve: .+ on 3 hosts$/ });
  await approve.click();
  expect(await page.getByRole("button", { name: "Cancel", exact: true }).count()).toBe(0);
  const dialog = page.getByRole("dialog", { name: `Approve run ${id}` });
  await dialog.getByText("li asks.").waitFor();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id: rule, nodes }) => [rule, nodes.map(({ html }) => html)])).toEqual([]);
  const go = dialog.getByRole("button", { name: /^Approve: .+ on 3 hosts$/ });
  expect(await go.isDisabled()).toBe(true);
  await dialog.getByRole("textbox", { name: /hosts/ }).fill("3");
  await dialog.getByRole("textbox", { name: "Comment" }).fill("the window is open");
  await go.click();

  await page.getByText("3 of 3 hosts done").waitFor();
  await page.getByText("approved by ada: the window is open").waitFor();
  expect(await stateOf(id)).toBe("succeeded");
  await page.getByRole("link", { name: "Runs", exact: true }).first().waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

it("says of a destructive run that it can destroy something, however few hosts it is for", async () => {
  const source = `key: wipe\nname: {zh: 清空, en: Wipe it}\ndescription: {zh: 清空, en: Wipes it}\ndanger: destructive\nparameters: {type: object, properties: {}}\nrun:\n  all: {kind: command, argv: [mock, stdout=gone]}\n`;
  await product.client.call("POST /modules", { body: { source } });
  await product.client.call("PATCH /settings", { body: { approvalFor: "change" } });
  const { id } = await li.call("POST /runs", { body: { module: "wipe", query: "web01", confirmHostCount: 1 } });
  const { page, context } = await open();
  await page.goto(`${product.url}/runs/${id}`);

  await page.getByText("It waits for you, or somebody else who may run it on these hosts: li asks").waitFor();
  await page.getByRole("button", { name: "Approve: Wipe it on 1 host" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "This can destroy something. Type 1 to confirm the host." }).fill("1");
  await dialog.getByRole("button", { name: "Approve: Wipe it on 1 host" }).click();

  await page.getByText("1 of 1 host done").waitFor();
  expect(await stateOf(id)).toBe("succeeded");
  await context.close();
});

it("offers whoever asked for it to cancel, and nothing else", async () => {
  const { page, context, complaints } = await open();
  const { id } = await start(product.client);
  await page.goto(`${product.url}/runs/${id}`);

  await page
    .getByRole("region", { name: "Second person" })
    .getByText(/^Without an answer it expires on /)
    .waitFor();
  expect(await page.getByRole("button", { name: /^(Approve|Reject)/ }).count()).toBe(0);
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await page.getByRole("button", { name: "Cancel on 3 hosts" }).click();

  await page.getByText("Cancelled by ada before it started.").first().waitFor();
  expect(await stateOf(id)).toBe("cancelled");
  expect(complaints).toEqual([]);
  await context.close();
});

it("says before the start that it asks a second person", async () => {
  const { page, context } = await open();
  await page.goto(`${product.url}/?query=web01&module=restart-service`);
  await page.getByRole("textbox", { name: "Service" }).fill("nginx");
  await page.getByRole("button", { name: "Review for 1 host" }).click();

  const dialog = page.getByRole("dialog");
  await dialog.getByText(/^A second person, who may run this module on these hosts, must approve it/).waitFor();
  await dialog.getByRole("button", { name: "Ask a second person: Restart a service on 1 host" }).click();

  await page.getByText("Waiting for a second person who may run this module on these hosts.").waitFor();
  await context.close();
});

it("is rejected in Chinese, with the reason for everybody to read", async () => {
  const { id } = await start(li);
  const { page, context, complaints } = await open("zh");
  await page.goto(`${product.url}/runs/${id}`);

  await page.getByRole("region", { name: "第二人审批" }).getByRole("button", { name: "驳回" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "说明" }).fill("不在变更窗口");
  await dialog.getByRole("button", { name: "驳回，涉及 3 台主机" }).click();

  await page.getByText("未启动：ada 驳回了这次运行，并说明：不在变更窗口").first().waitFor();
  expect(await stateOf(id)).toBe("rejected");
  expect(complaints).toEqual([]);
  await context.close();
});
