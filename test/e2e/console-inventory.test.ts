import { AxeBuilder } from "@axe-core/playwright";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { openBrowser, type TestBrowser, type TestPage } from "../testkit/browser.ts";
import { signIn } from "../testkit/console-page.ts";
import { type ConsoleProduct, mockHosts, startConsoleProduct } from "../testkit/console-product.ts";

// A browser on a busy machine: slow is not wrong.
vi.setConfig({ testTimeout: 180_000 });

let browser: TestBrowser;
let product: ConsoleProduct;

beforeAll(async () => {
  product = await startConsoleProduct({
    hosts: mockHosts({ "Linux.Web/www": ["web", 3000], "Linux.Web/bbs": ["bbs", 6], "Linux.Db/orders": ["db", 4] }),
  });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await product?.[Symbol.asyncDispose]();
});

const hostsOf = async (query: string) => (await product.client.call("POST /hosts/match", { body: { query } })).hosts;

it("edits a cell in its place by keyboard, shows there what the server refuses, and audits what was changed", async () => {
  await using opened = await start("/inventory?query=bbs*");
  const { page } = opened;
  const grid = page.getByRole("grid", { name: "Hosts" });
  const address = page.getByRole("textbox", { name: "Inner address" });

  await grid.focus();
  for (const key of ["ArrowDown", "ArrowRight", "Enter"]) await page.keyboard.press(key);
  await address.fill("no address!");
  await page.keyboard.press("Enter");
  await page.getByText("must be an IPv4 or IPv6 address or a DNS name").waitFor();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await address.fill("10.77.0.2");
  await page.keyboard.press("Enter");
  await grid.getByText("10.77.0.2").waitFor();
  expect(await hostsOf("address=10.77.0.2")).toBe("bbs02");

  // The keys go on where they were.
  for (const key of ["ArrowDown", "F2"]) await page.keyboard.press(key);
  await address.fill("10.9.9.9");
  await page.keyboard.press("Escape");
  await address.waitFor({ state: "detached" });
  expect(await hostsOf("address=10.9.9.9")).toBe("");
  await page.keyboard.press("Home");
  await page.keyboard.press("F2");
  await page.getByRole("textbox", { name: "Name" }).fill("bbs01");
  await page.keyboard.press("Enter");
  await page.getByText(/already taken/).waitFor();
  await page.keyboard.press("Escape");

  await grid.getByRole("row", { name: /bbs04/ }).getByRole("gridcell").nth(7).dblclick();
  await page.getByRole("combobox", { name: "Tags" }).fill("canary");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Save" }).click();
  await grid.getByText("canary").waitFor();
  expect(await hostsOf("tag:canary")).toBe("bbs04");
  const { rows } = await product.client.call("GET /audit", { query: { action: "host.change" } });
  expect(rows[0]).toMatchObject({ hosts: "1 host: bbs04", detail: { tags: ["canary"] } });
});

it("moves ticked hosts to a category by dragging, and by keyboard, after showing from where to where", async () => {
  await using opened = await start("/inventory?query=bbs*");
  const { page } = opened;
  const grid = page.getByRole("grid", { name: "Hosts" });
  const dialog = page.getByRole("dialog");
  const rowOf = (name: string) => grid.getByRole("row", { name: new RegExp(name) });

  await rowOf("bbs01").locator("[data-mark]").click();
  await rowOf("bbs03")
    .locator("[data-mark]")
    .click({ modifiers: ["Shift"] });
  await page.getByText("3 hosts selected").waitFor();
  await rowOf("bbs02")
    .locator("[data-mark]")
    .dragTo(page.getByRole("treeitem", { name: /orders/ }));
  await dialog.getByText("Linux.Web/bbs").waitFor();
  await dialog.getByText("bbs[01-03]").waitFor();
  await dialog.getByRole("button", { name: "Move 3 hosts" }).click();
  await page.getByText("3 hosts are moved.").waitFor();
  expect(await hostsOf("Linux.Db/orders and bbs*")).toBe("bbs[01-03]");

  await grid.focus();
  for (const key of ["Control+Home", "Space", "Shift+ArrowDown", "m"]) await page.keyboard.press(key);
  await page.keyboard.type("Web/bbs");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await dialog.getByText("bbs[01-02]").waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("2 hosts are moved.").waitFor();
  expect(await hostsOf("Linux.Db/orders and bbs*")).toBe("bbs03");
  const { rows } = await product.client.call("GET /audit", { query: { action: "host.change" } });
  expect(rows.slice(0, 2).map(({ hosts }) => hosts)).toEqual(["2 hosts: bbs[01-02]", "3 hosts: bbs[01-03]"]);
});

it("asks after every key, loses none of them, and calls half a word no mistake", async () => {
  await using opened = await start("/inventory");
  const { page, complaints } = opened;
  const box = page.getByRole("textbox", { name: "Host query" });
  const grid = page.getByRole("grid", { name: "Hosts" });
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname === "/api/v1/hosts") asked.push(searchParams.get("query") ?? "");
  });
  await grid.getByText("bbs01").waitFor();

  const one = page.waitForResponse(/\/hosts\?query=w&/);
  await box.pressSequentially("w");
  await one;
  await box.pressSequentially("eb29* and ", { delay: 40 });
  await page.getByText("expected", { exact: false }).first().waitFor();
  await box.pressSequentially("name=web290*", { delay: 40 });
  await page.getByText("10 hosts", { exact: true }).first().waitFor();

  expect(await box.inputValue()).toBe("web29* and name=web290*");
  expect(asked.filter((text) => "web29*".startsWith(text)).length).toBeGreaterThan(1);
  await page.getByRole("treeitem", { name: /orders/ }).click();
  await grid.getByText("db01").waitFor();
  expect(await box.inputValue()).toBe("Linux.Db/orders");
  expect(complaints.filter((each) => !each.startsWith("answer: 422"))).toEqual([]);
});

it("ends a drag whose row was scrolled away meanwhile", async () => {
  await using opened = await start("/inventory?query=web*");
  const { page, complaints } = opened;
  const row = page.getByRole("grid", { name: "Hosts" }).getByRole("row", { name: /web0003/ });
  const targets = page.locator("[role=treeitem][data-target]");

  await row.locator("[data-mark]").hover();
  await page.mouse.down();
  await page.mouse.move(700, 500, { steps: 4 });
  await expect.poll(() => targets.count()).toBe(3);
  await page.evaluate("document.querySelector('[role=grid]').parentElement.scrollTop = 30_000");
  await row.waitFor({ state: "detached" });
  await page.mouse.move(720, 520);
  await page.mouse.up();
  await page.mouse.move(740, 540, { steps: 2 });

  await expect.poll(() => targets.count()).toBe(0);
  expect(complaints).toEqual([]);
});

it("takes an app category to another function category by dragging, and by keyboard, after telling what goes along", async () => {
  await using opened = await start("/inventory?query=Linux.Web/www");
  const { page } = opened;
  const item = (name: string) => page.getByRole("treeitem", { name: new RegExp(name) });
  const dialog = page.getByRole("dialog");

  await item("www").dragTo(item("Linux.Db"));
  await dialog.getByText("Linux.Db/www").waitFor();
  await dialog.getByText("Its 3,000 hosts go along.").waitFor();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await dialog.getByRole("button", { name: "Move www and its 3,000 hosts" }).click();
  await page.getByText("It is Linux.Db/www now.").waitFor();
  // What was looked at is still looked at, under its new name.
  await page.waitForURL(/query=Linux.Db(?:\/|%2F)www/);
  expect(await hostsOf("Linux.Db/www")).toBe("web[0001-3000]");
  expect(await item("www").getAttribute("aria-selected")).toBe("true");

  await page.getByRole("tree").focus();
  for (const key of ["Tab", "Enter"]) await page.keyboard.press(key);
  await page.getByRole("menuitem", { name: "Move", exact: true }).press("Enter");
  await dialog.getByText("Move www to another function category").waitFor();
  await page.keyboard.type("web");
  for (const key of ["ArrowDown", "Enter"]) await page.keyboard.press(key);
  await dialog.getByText("Linux.Web/www").waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("It is Linux.Web/www now.").waitFor();
  const { rows } = await product.client.call("GET /audit", { query: { action: "app_category.change" } });
  expect(rows.map(({ object }) => object)).toEqual(["category Linux.Db/www", "category Linux.Web/www"]);

  // What the target has a category of that name for is refused there, and nothing has moved.
  const { functionCategories } = await product.client.call("GET /categories", {});
  const other = functionCategories.find(({ name }) => name === "Linux.Db")?.id ?? 0;
  await product.client.call("POST /app-categories", { body: { functionCategoryId: other, name: "www" } });
  await page.reload();
  await item("www").first().dragTo(item("Linux.Db"));
  await dialog.getByRole("button", { name: "Move www and its 3,000 hosts" }).click();
  await dialog.getByText(/“www” is already taken/).waitFor();
  expect(await hostsOf("Linux.Web/www")).toBe("web[0001-3000]");
});

it("empties fields of several hosts together, after showing what they hold", async () => {
  const body = {
    query: "db*",
    expectedCount: 4,
    change: { zone: "bj", user: "ops", os: "Debian 12", proxyJump: "gate" },
  };
  await product.client.call("POST /hosts/change", { body });
  await using opened = await start("/inventory?query=db*");
  const { page } = opened;
  const dialog = page.getByRole("dialog");

  await page.getByRole("checkbox", { name: "Select all 4 hosts" }).check();
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await dialog.getByRole("combobox", { name: "Empty fields" }).click();
  for (const field of ["Zone", "User", "Operating system", "Jump hosts"]) {
    await page.getByRole("option", { name: field }).click();
  }
  await dialog.getByRole("combobox", { name: "Empty fields" }).press("Escape");
  await dialog.getByRole("button", { name: "Show what would happen" }).click();
  await dialog.getByText("Debian 12").waitFor();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await dialog.getByRole("button", { name: "Change 4 hosts" }).click();
  await page.getByText("4 hosts are changed.").waitFor();
  const { rows } = await product.client.call("GET /hosts", { query: { query: "db*" } });
  expect(rows.map(({ zone, user, os, proxyJump }) => [zone, user, os, proxyJump])).toEqual(
    rows.map(() => ["", "", "", ""]),
  );
});

it("scrolls through thousands of hosts without an empty row, and the keys reach the last one", async () => {
  await using opened = await start("/inventory");
  const { page } = opened;
  const grid = page.getByRole("grid", { name: "Hosts" });
  await grid.getByRole("link", { name: "bbs01" }).waitFor();

  // At each frame of the way, what stands in the middle and at both ends of the list must be a row.
  const empty = await page.evaluate(`new Promise((done) => {
    const list = document.querySelector("[role=grid]").parentElement;
    let blank = 0;
    let still = 0;
    let last = -1;
    const step = () => {
      const box = list.getBoundingClientRect();
      for (const part of [0.1, 0.5, 0.9]) {
        const found = document.elementFromPoint(box.left + 200, box.top + box.height * part);
        if (found?.closest("[data-row], th") == null) blank += 1;
      }
      still = list.scrollTop === last ? still + 1 : 0;
      last = list.scrollTop;
      if (still > 90) return done(blank);
      list.scrollTop += 900;
      requestAnimationFrame(() => requestAnimationFrame(step));
    };
    step();
  })`);
  expect(empty).toBe(0);
  await grid.getByRole("link", { name: "web3000" }).waitFor();
  await grid.focus();
  await page.keyboard.press("Control+Home");
  await grid.getByRole("link", { name: "bbs01" }).waitFor();
  await page.keyboard.press("Control+End");
  await grid.getByRole("link", { name: "web3000" }).waitFor();
  await page.keyboard.press("Control+a");
  await page.getByText("3,010 hosts selected").waitFor();
  expect(await grid.getByRole("row").count()).toBeLessThan(100);
});

it("shows of a host what it answered last, and takes it from there to its run, its connection and its facts", async () => {
  const body = { query: "db02", command: ["mock", "stdout=up 3 days\n", "exit=4"] };
  const { id } = await product.client.call("POST /runs", { body });
  await (await product.client.call("GET /runs/:id/live", { params: { id } })).text();
  const { rows } = await product.client.call("GET /hosts", { query: { query: "db02" } });
  await using opened = await start(`/inventory/hosts/${rows[0]?.id}`);
  const { page } = opened;

  const last = page.getByRole("region", { name: "Last run" });
  await last.getByText("up 3 days").waitFor();
  await last.getByText("exit 4").waitFor();
  await page.getByRole("button", { name: "Test the connection" }).click();
  await page.getByText(/db02 is a mock host and always answers/).waitFor();
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Operating system" }).fill("Debian 13");
  await page.getByRole("dialog").getByRole("button", { name: "Save db02" }).click();
  await page.getByRole("region", { name: "Host", exact: true }).getByText("Debian 13").waitFor();
  await last.getByRole("link", { name: `Run ${id}` }).click();
  await page.waitForURL(new RegExp(`/runs/${id}\\?host=0`));
});

it("shows on a host's page what runs there as it comes, without asking again and again", async () => {
  const { rows } = await product.client.call("GET /hosts", { query: { query: "db03" } });
  const body = { query: "db03", command: ["mock", "stdout=step one\n", "hang"] };
  const { id } = await product.client.call("POST /runs", { body });
  await using opened = await start(`/inventory/hosts/${rows[0]?.id}`);
  const { page, complaints } = opened;
  const last = page.getByRole("region", { name: "Last run" });

  await last.getByText("step one").waitFor();
  await last.getByText("live", { exact: true }).waitFor();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.waitForTimeout(4_000);
  expect(asked.filter((path) => path.includes("/hosts/"))).toEqual([]);
  await product.client.call("POST /runs/:id/cancel", { params: { id } });
  await last.getByText("cancelled", { exact: true }).waitFor();
  await last.getByText("step one").waitFor();
  await page.getByRole("group", { name: "Latest runs" }).getByText("cancelled").first().waitFor();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  expect(complaints).toEqual([]);
});

async function start(path: string): Promise<TestPage & AsyncDisposable> {
  const opened = await browser.open();
  await signIn(opened.page, product);
  await opened.page.goto(product.url + path);
  return { ...opened, [Symbol.asyncDispose]: () => opened.context.close() };
}
