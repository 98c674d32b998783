import { AxeBuilder } from "@axe-core/playwright";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { openStore } from "../../src/web/store/open.ts";
import { openBrowser, type TestBrowser } from "../testkit/browser.ts";
import { prefer, signIn } from "../testkit/console-page.ts";
import { type ConsoleProduct, mockHosts, startConsoleProduct } from "../testkit/console-product.ts";
import { aChange, aRun, ended } from "../testkit/store/builders.ts";

// A browser on a busy machine: slow is not wrong.
vi.setConfig({ testTimeout: 120_000 });

const day = 86_400_000;
let browser: TestBrowser;
let product: ConsoleProduct;
let old: number;
let rerun: number;

beforeAll(async () => {
  product = await startConsoleProduct({ hosts: mockHosts({ "Linux.Web/www": ["web", 3] }) });
  browser = await openBrowser();
  const past = await openStore(product.database, { clock: () => Date.now() - 40 * day });
  for (let at = 0; at < 2; at += 1) {
    const { run } = await past.runs.create(aRun(1));
    await past.runs.apply(aChange(run.uid, 1, 2, { ended: [ended(0, "long ago")], runEnded: true }));
    old = run.id;
  }
  await past.close();
  const rerunOf = { runId: old, selection: "all" };
  const { run } = await product.running.store.runs.create(aRun(1, { rerunOf }));
  await product.running.store.runs.apply(aChange(run.uid, 1, 2, { ended: [ended(0, "today")], runEnded: true }));
  rerun = run.id;
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await product?.[Symbol.asyncDispose]();
});

async function open(theme: "light" | "dark", language: "en" | "zh") {
  const opened = await browser.open();
  await prefer(opened.page, theme, language);
  await signIn(opened.page, product);
  return opened;
}

const keptDays = async () => (await product.client.call("GET /settings", {})).keepRunsDays;

it("says before a shorter time is saved how many runs go, and saves what was chosen", async () => {
  const { page, context, complaints } = await open("light", "en");
  await page.goto(`${product.url}/settings`);
  const panel = page.getByRole("region", { name: "How long runs are kept" });
  await panel.getByText("No run is ever deleted.").waitFor();
  await panel.getByText("For a time").click();
  const days = panel.getByRole("textbox", { name: "Days after the run's end" });
  expect(await days.inputValue()).toBe("365");
  await page.getByRole("button", { name: "Save settings" }).click();
  await page.getByText("The settings are saved.").waitFor();
  expect(await keptDays()).toBe(365);

  await days.fill("30");
  await page.getByRole("button", { name: "Save settings" }).click();
  const dialog = page.getByRole("dialog", { name: "2 runs will be deleted" });
  await dialog
    .getByText(new RegExp(`^2 runs, up to run ${old}, ended before .*Only a backup brings them back`))
    .waitFor();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  await dialog.getByRole("button", { name: "Keep them" }).click();
  expect(await keptDays()).toBe(365);
  await page.getByRole("button", { name: "Save settings" }).click();
  await dialog.getByRole("button", { name: "Save, and delete 2 runs" }).click();
  await dialog.waitFor({ state: "detached" });

  await vi.waitFor(async () => expect(await keptDays()).toBe(30));
  expect(complaints).toEqual([]);
  await context.close();
});

it("fits a phone, in Chinese and in the dark", async () => {
  const { page, context, complaints } = await open("dark", "zh");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${product.url}/settings`);
  const panel = page.getByRole("region", { name: "运行保留多久" });
  await panel.getByRole("textbox", { name: "运行结束后的天数" }).fill("20");
  expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
  await page.getByRole("button", { name: "保存设置" }).click();
  const dialog = page.getByRole("dialog", { name: "将删除 2 个运行" });
  await dialog.getByText(`到运行 ${old} 为止，有 2 个运行在`).waitFor();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  await dialog.getByRole("button", { name: "保留它们" }).click();
  expect(complaints).toEqual([]);
  await context.close();
});

it("says in place of a run that was deleted what became of it, and a rerun of it has no dead link", async () => {
  const { retention } = product.running.store;
  await retention.hide(Date.now() - day, 100);
  const { page, context } = await open("light", "en");

  await page.goto(`${product.url}/runs/${old}`);
  await page.getByText(`Run ${old} is not kept any more`).first().waitFor();
  await page.goto(`${product.url}/runs/${rerun}`);
  await page.getByText(`repeats run ${old}, which is not kept any more`).waitFor();

  expect(await page.getByRole("link", { name: /^repeats run/ }).count()).toBe(0);
  await context.close();
});
