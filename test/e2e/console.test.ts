import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createSignInLink } from "../../src/web/http/sign-in-links.ts";
import { openBrowser, type TestBrowser, type TestPage } from "../testkit/browser.ts";
import { pressEnter, signIn } from "../testkit/console-page.ts";
import { type ConsoleProduct, mockHosts, startConsoleProduct } from "../testkit/console-product.ts";

// A browser on a busy machine: slow is not wrong.
vi.setConfig({ testTimeout: 180_000 });

let browser: TestBrowser;
let product: ConsoleProduct;

beforeAll(async () => {
  product = await startConsoleProduct({
    hosts: mockHosts({ "Linux.Web/www": ["web", 60], "Linux.Web/bbs": ["bbs", 4], "Linux.Mysql/shop": ["db", 3] }),
    engine: { hosts: { web03: ["exit=3", "stderr=no such unit\n"] } },
  });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await product?.[Symbol.asyncDispose]();
});

it("takes a person from the tree through preview and confirmation to folded answers", async () => {
  await using opened = await start();
  const { page, complaints } = opened;

  await page.getByRole("treeitem", { name: "Linux.Web" }).locator("[data-chevron]").click();
  await page.getByRole("treeitem", { name: "bbs" }).locator("[data-box]").click();
  await expectChecked(page, { "Linux.Web": "mixed", bbs: "true", www: "false" });
  await page.getByRole("treeitem", { name: "www" }).locator("[data-chevron]").click();
  for (const name of ["web02", "web03"]) await page.getByRole("treeitem", { name }).locator("[data-box]").click();
  const query = page.getByRole("textbox", { name: "Host query" });
  expect(await query.inputValue()).toBe("Linux.Web/bbs, web[02-03]");
  await page.getByText("6 hosts", { exact: true }).waitFor();
  await expectChecked(page, { "Linux.Web": "mixed", www: "mixed", web01: "false", web02: "true" });

  await chooseModule(page, "restart");
  await page.getByRole("textbox", { name: "Service" }).fill("nginx");
  await page.getByRole("button", { name: "Review for 6 hosts" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("bbs[01-04],web[02-03]").waitFor();
  await dialog.getByText("OM_SERVICE=nginx").first().waitFor();
  await dialog.getByRole("button", { name: "Restart a service on 6 hosts" }).click();

  await page.getByText("partly succeeded").first().waitFor();
  const answers = page.getByRole("article").getByRole("article");
  await answers.nth(1).getByText("no such unit").waitFor();
  expect(await answers.first().innerText()).toContain("bbs[01-04],web02");
  expect(await answers.nth(1).innerText()).toMatch(/1 host\s*failed\s*exit 3\s*web03[\s\S]*no such unit/);
  await page.getByRole("grid", { name: "6 hosts by state" }).waitFor();
  expect(complaints).toEqual([]);
});

it("keeps tree and query together whichever is changed", async () => {
  await using opened = await start();
  const { page } = opened;
  const query = page.getByRole("textbox", { name: "Host query" });

  const placed = page.waitForResponse(/\/hosts\?query=web01&/);
  await query.fill("web* and not web01");
  await page.getByText("59 hosts", { exact: true }).waitFor();
  await page.getByRole("treeitem", { name: "Linux.Web" }).locator("[data-chevron]").click();
  await expectChecked(page, { "Linux.Web": "mixed", "Linux.Mysql": "false", bbs: "false", www: "mixed" });
  await placed;
  await page.getByRole("treeitem", { name: "www" }).locator("[data-box]").click();
  expect(await query.inputValue()).toBe("Linux.Web/www, web*");
  await page.getByText("60 hosts", { exact: true }).waitFor();
  await page.getByRole("treeitem", { name: "Linux.Mysql" }).locator("[data-box]").click();
  await page.getByText("63 hosts", { exact: true }).waitFor();
});

it("suggests what the word at the cursor can become, by keyboard and by pointer", async () => {
  await using opened = await start();
  const { page, complaints } = opened;
  const query = page.getByRole("textbox", { name: "Host query" });
  const list = page.getByRole("listbox", { name: "Suggestions" });

  await query.pressSequentially("lin");
  await list.getByRole("option", { name: /^Linux\.Web\// }).waitFor();
  expect(await query.getAttribute("aria-controls")).toBe(await list.getAttribute("id"));
  await page.keyboard.press("Escape");
  await list.waitFor({ state: "detached" });
  await page.keyboard.press("Control+Space");
  await list.waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  const active = list.getByRole("option", { selected: true });
  expect(await query.getAttribute("aria-activedescendant")).toBe(await active.getAttribute("id"));
  expect(await active.innerText()).toContain("Linux.Mysql/");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  expect(await query.inputValue()).toBe("Linux.Web/");
  await list.getByRole("option", { name: /^Linux\.Web\/bbs/ }).click();
  expect(await query.inputValue()).toBe("Linux.Web/bbs");
  await page.getByText("4 hosts", { exact: true }).waitFor();

  await query.pressSequentially(" an");
  await list.getByRole("option", { name: /^and/ }).waitFor();
  await page.keyboard.press("Tab");
  expect(await query.inputValue()).toBe("Linux.Web/bbs and ");
  await query.pressSequentially("not bbs0");
  await list.getByRole("option").nth(3).waitFor();
  await page.keyboard.press("Enter");
  expect(await query.inputValue()).toBe("Linux.Web/bbs and not bbs0\n");
  // Half a query is refused while it is written; nothing else went wrong.
  expect(complaints.filter((complaint) => !/422/.test(complaint))).toEqual([]);
});

it("points at the place of a mistake in the query and says what was expected", async () => {
  await using opened = await start();
  const { page } = opened;

  await page.getByRole("textbox", { name: "Host query" }).fill("web01 db01");

  const answer = page.getByText(/expected “and”, “or”, “,” or the end/);
  await answer.waitFor();
  const place = await page.locator("pre", { hasText: "▲" }).innerText();
  expect(place.split("\n")).toEqual(["web01 db01", "      ▲"]);
  expect(await page.getByRole("button", { name: /^Review/ }).isDisabled()).toBe(true);
});

it("starts many hosts only after their number was typed, and cancels what runs", async () => {
  await using opened = await start();
  const { page } = opened;

  await page.getByRole("textbox", { name: "Host query" }).fill("Linux.Web");
  await page.getByRole("tab", { name: "Command" }).click();
  await page.getByRole("textbox", { name: "Command" }).fill("mock hang");
  await page.getByRole("button", { name: "Review for 64 hosts" }).click();
  const dialog = page.getByRole("dialog");
  const go = dialog.getByRole("button", { name: "Run the command on 64 hosts" });
  await dialog.getByLabel(/Type 64 to confirm/).fill("63");
  expect(await go.isDisabled()).toBe(true);
  await dialog.getByLabel(/Type 64 to confirm/).fill("64");
  await go.click();

  await page.getByRole("button", { name: "Cancel" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Cancel on \d+ hosts$/ })
    .click();
  await page.getByRole("button", { name: "Run again" }).waitFor();
  expect(await page.getByRole("list", { name: "Hosts by state" }).innerText()).toMatch(/cancelled/);
});

it("can be worked by keyboard alone, from the tree to the answer", async () => {
  await using opened = await start();
  const { page } = opened;

  await page.getByRole("treeitem", { name: "Linux.Mysql" }).waitFor();
  await page.getByRole("tree").focus();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Space");
  expect(await page.getByRole("textbox", { name: "Host query" }).inputValue()).toBe("Linux.Mysql/shop");
  await chooseModule(page, "1003");
  await pressEnter(page.getByRole("button", { name: "Review for 3 hosts" }));
  await page
    .getByRole("button", { name: /on 3 hosts$/ })
    .and(page.locator("[type=submit]"))
    .waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("grid").waitFor();
  await page.getByText("succeeded", { exact: true }).waitFor();
  await page.getByRole("grid").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.getByRole("complementary", { name: "Host db02" }).waitFor();
});

it("switches language and theme at run time and keeps what stands on the page", async () => {
  await using opened = await start();
  const { page } = opened;
  await page.getByRole("textbox", { name: "Host query" }).fill("db01");

  await page.getByRole("button", { name: /^ada: / }).click();
  await page.getByText("中文").click();
  await page.getByText("深色").click();

  await page.getByText("1 台主机", { exact: true }).waitFor();
  expect(await page.getByRole("textbox", { name: "主机查询" }).inputValue()).toBe("db01");
  expect(await page.locator("html").getAttribute("lang")).toBe("zh-CN");
  expect(await page.locator("html").getAttribute("data-mantine-color-scheme")).toBe("dark");
  await page.reload();
  await page.getByRole("tree", { name: "分类与主机" }).waitFor();
});

it("lets somebody with a phone look, run a known module and see it end", async () => {
  await using opened = await start({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const { page } = opened;

  await page.getByRole("treeitem", { name: "Linux.Mysql" }).locator("[data-box]").tap();
  await page.getByText("3 hosts", { exact: true }).waitFor();
  await page.getByText("Task", { exact: true }).tap();
  await chooseModule(page, "1003");
  await page.getByRole("button", { name: "Review for 3 hosts" }).tap();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /on 3 hosts$/ })
    .tap();
  await page.getByText("succeeded", { exact: true }).waitFor();
  expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(true);
});

it("lets somebody who enlarges the page twofold change between its panes", async () => {
  await using opened = await start({ viewport: { width: 720, height: 450 }, deviceScaleFactor: 2 });
  const { page } = opened;

  const panes = page.getByRole("radiogroup", { name: "Part of the page" });
  expect((await panes.boundingBox())?.height).toBeGreaterThan(24);
  await page.getByText("Task", { exact: true }).click();
  await page.getByPlaceholder("Choose a module: name, number or key").waitFor();
});

it("makes the first administrator by the set-up link, and nobody else by it", async () => {
  await using fresh = await startConsoleProduct({ withoutUsers: true });
  const link = (await fresh.running.setupLink()) ?? "";
  const { page, context } = await browser.open();

  await page.goto(fresh.url);
  await page.getByText("OMServer printed a one-time set-up link", { exact: false }).waitFor();
  await page.getByLabel("Set-up link").fill(link);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("Name").fill("grace");
  await page.getByLabel("New password", { exact: true }).fill("too short");
  await page.getByText("3 characters more").waitFor();
  await page.getByLabel("New password", { exact: true }).fill("correct horse battery");
  await page.getByLabel("New password again").fill("correct horse battery");
  await page.getByRole("button", { name: "Make administrator and sign in" }).click();

  await page.waitForURL(`${fresh.url}/set-up`);
  await page.getByRole("link", { name: "Later" }).click();
  await page.getByText("There are no hosts yet").waitFor();
  await page.getByRole("link", { name: "Set up a first host" }).waitFor();
  await page.goto(`${fresh.url}/favicon.svg`);
  await page.goto(link);
  await page.getByText("This one-time link is not valid").waitFor();
  await context.close();
});

it("signs in with a password, says so when it is wrong, and signs out", async () => {
  await product.client.call("POST /users", {
    body: { name: "olga", role: "operator", password: "correct horse battery" },
  });
  const { page, context } = await browser.open();
  await page.goto(`${product.url}/runs`);
  await page.waitForURL(/\/sign-in/);

  const focused = () => page.evaluate("document.activeElement.autocomplete");
  await expect.poll(focused).toBe("username");
  await page.keyboard.type("olga");
  await page.keyboard.press("Tab");
  await page.keyboard.type("wrong horse battery");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("Name or password is wrong", { exact: true }).waitFor();
  await expect.poll(focused).toBe("current-password");
  await page.keyboard.type("correct horse battery");
  await page.keyboard.press("Enter");

  await page.waitForURL(`${product.url}/runs`);
  expect(await page.getByRole("link", { name: "Users" }).count()).toBe(0);
  await page.getByRole("button", { name: /^olga: / }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in/);
  await page.goto(`${product.url}/`);
  await page.waitForURL(/\/sign-in/);
  await context.close();
});

it("tells somebody who may only look why nothing can be started", async () => {
  const { store } = product.running;
  const scope = { everything: true, functionCategories: [], appCategories: [] };
  const viewer = await store.users.create({ name: "vito", role: "viewer", scope, passwordHash: "" });
  const { page, context } = await browser.open();
  await page.goto((await createSignInLink(store, viewer.id, product.url)).url);
  await page.getByRole("treeitem", { name: "Linux.Mysql" }).locator("[data-box]").click();
  await chooseModule(page, "1003");

  await page.getByText("Your account may look, and start nothing").waitFor();
  expect(await page.getByRole("button", { name: "Review for 3 hosts" }).isDisabled()).toBe(true);
  await context.close();
});

async function start(options: Parameters<TestBrowser["open"]>[0] = {}): Promise<TestPage & AsyncDisposable> {
  const opened = await browser.open(options);
  await signIn(opened.page, product);
  return { ...opened, [Symbol.asyncDispose]: () => opened.context.close() };
}

async function chooseModule(page: Page, search: string): Promise<void> {
  const picker = page.getByPlaceholder("Choose a module: name, number or key");
  await picker.click();
  await picker.fill(search);
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
}

async function expectChecked(page: Page, choices: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, checked] of Object.entries(choices)) {
    await page.locator(`[role=treeitem][aria-checked=${checked}]`, { hasText: name }).first().waitFor();
  }
}
