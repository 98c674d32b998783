import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { openBrowser, type TestBrowser } from "../testkit/browser.ts";
import { prefer, signIn } from "../testkit/console-page.ts";
import { type ConsoleProduct, mockHosts, startConsoleProduct } from "../testkit/console-product.ts";

// A browser on a busy machine: slow is not wrong.
vi.setConfig({ testTimeout: 120_000 });

const log = Array.from({ length: 12 }, (_, line) => `unit-${line}.service: Succeeded.`);
const long = Array.from({ length: 20_000 }, (_, line) => `line ${line}`).join("\n");

let browser: TestBrowser;
let product: ConsoleProduct;
let odd = "web07";

beforeAll(async () => {
  product = await startConsoleProduct({
    hosts: mockHosts({ "Linux.Web/www": ["web", 40] }),
    engine: {
      behaviour: ({ name }, task) => {
        const program = task.kind === "command" ? task.argv[0] : "";
        if (program === "long") return { stdout: long };
        if (program === "hang") return name === "web40" ? { end: { kind: "hang" } } : { stdout: "done\n" };
        if (program === "first") {
          if (name === "web01") return { stdout: "first\n" };
          return name === "web40" ? { end: { kind: "hang" } } : { runMilliseconds: 300, stdout: "done\n" };
        }
        if (name === "web09") return { runMilliseconds: 400, stdout: "slow\n", end: { kind: "lost" } };
        if (name === "web11") return { stderr: "no such unit\n", end: { kind: "exit", code: 5 } };
        return {
          stdout: `${log.join("\n")}\n`.replace(
            "unit-5.service: Succeeded",
            name === odd ? "unit-5: FAILED\u0007" : "$&",
          ),
        };
      },
    },
  });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await product?.[Symbol.asyncDispose]();
});

it("shows what an answer says differently from most hosts, and only the hosts that are looked for", async () => {
  const { page, context, complaints } = await open();
  const id = await finished("units");
  await page.goto(`${product.url}/runs/${id}`);

  const odds = page.getByRole("article").filter({ hasText: "web07" }).last();
  const differences = odds.getByRole("group", { name: "Differences of stdout" });
  await differences.getByText("unit-5: FAILED").waitFor();
  expect(await differences.locator("[data-kind=added]").innerText()).toContain("unit-5: FAILED^G.");
  expect(await differences.locator("[data-kind=removed]").innerText()).toContain("unit-5.service: Succeeded.");
  await odds.getByText("Output", { exact: true }).click();
  await odds.getByRole("group", { name: "stdout" }).getByText("unit-0.service").waitFor();

  await page.getByRole("searchbox", { name: "Find hosts" }).fill("web0*");
  await page.getByRole("grid", { name: "9 hosts by state" }).waitFor();
  await expect.poll(() => page.getByRole("article").first().innerText()).toContain("web[01-06,08]");
  expect(page.url()).toContain("find=web0");
  expect(complaints).toEqual([]);
  await context.close();
});

it("opens the same view from its address for somebody else", async () => {
  const id = await finished("units");
  const { page, context } = await open();
  await page.goto(`${product.url}/runs/${id}?state=failed&host=10&text=unit`);

  await page.getByRole("grid", { name: "1 host by state" }).waitFor();
  const host = page.getByRole("complementary", { name: "Host web11" });
  await host.getByText("1 of 1").waitFor();
  expect(await host.locator("mark").innerText()).toBe("unit");
  expect(await page.getByRole("button", { name: "failed 1" }).getAttribute("aria-pressed")).toBe("true");
  await context.close();
});

it("says that there is nothing at an address that no run, host or module can have", async () => {
  const { page, context, complaints } = await open();
  for (const path of ["/runs/abc", "/runs/0", "/inventory/hosts/1e3", "/modules/newer"]) {
    await page.goto(product.url + path);
    await page.getByText("There is nothing at this address").waitFor();
    await page.getByRole("link", { name: "Runs" }).waitFor();
  }
  expect(complaints).toEqual([]);
  await context.close();
});

it("leads by keyboard from cell to cell and to a host", async () => {
  const id = await finished("units");
  const { page, context } = await open();
  await page.goto(`${product.url}/runs/${id}`);
  const grid = page.getByRole("grid");
  await grid.focus();

  for (const key of ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"]) await page.keyboard.press(key);
  const active = await grid.getAttribute("aria-activedescendant");
  expect(await page.locator(`[id="${active}"]`).getAttribute("aria-label")).toBe("web03 · ok");
  await page.keyboard.press("Enter");

  await page.getByRole("complementary", { name: "Host web03" }).waitFor();
  expect(await page.getByRole("gridcell", { name: "web03" }).getAttribute("aria-selected")).toBe("true");
  await context.close();
});

it("finds text in 20,000 lines and leads from one line to the next", async () => {
  const id = await finished("long");
  const { page, context } = await open();
  await page.goto(`${product.url}/runs/${id}?host=0`);
  const host = page.getByRole("complementary", { name: "Host web01" });
  await host.locator("[data-lines='20000']").waitFor();

  await host.getByRole("searchbox", { name: "Find in the output" }).fill("LINE 1999");
  await host.getByText("1 of 11").waitFor();
  await page.keyboard.press("Enter");
  await host.getByText("2 of 11").waitFor();

  await host.getByText("line 19990", { exact: true }).waitFor();
  await expect.poll(() => host.locator("[data-current]").innerText()).toBe("line 19990");
  await context.close();
});

it("names the slowest host first and what changed since the last run on the same hosts", async () => {
  await finished("units");
  odd = "web08";
  const id = await finished("units");
  odd = "web07";
  const { page, context, complaints } = await open();
  await page.goto(`${product.url}/runs/${id}?tab=timing`);

  const slowest = page
    .getByRole("group", { name: /^Hosts by how long they took/ })
    .getByRole("row")
    .nth(1);
  await slowest.getByRole("button", { name: "web09" }).press("Enter");
  await page.getByRole("complementary", { name: "Host web09" }).waitFor();
  await page.getByRole("tab", { name: "Compare" }).click();

  await page.getByText("2 hosts changed").waitFor();
  await page.getByText("38 hosts the same").waitFor();
  const changes = page.getByRole("article");
  expect(await changes.count()).toBe(2);
  await changes.filter({ hasText: "web08" }).locator("[data-kind=added]").getByText("unit-5: FAILED").waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

it("asks before a rerun on unknown hosts and names where it may run twice", async () => {
  const id = await finished("units");
  const { page, context } = await open();
  await page.goto(`${product.url}/runs/${id}`);

  await page.getByRole("button", { name: "Run again" }).click();
  await page.getByRole("menuitem", { name: "On the 1 unknown host" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("May run twice on").waitFor();
  expect(await dialog.locator("dd").first().innerText()).toMatch(/^Command\s+changes\s+units$/);
  expect(await dialog.locator("dd").last().innerText()).toBe("web09");
  await dialog.getByRole("button", { name: "Run again: Command on 1 host" }).click();

  await page.getByRole("link", { name: `repeats run ${id}` }).waitFor();
  await context.close();
});

it("leads from the hosts that still run to what they print, and moves no answer when the run ends", async () => {
  const { page, context, complaints } = await open();
  const { id } = await product.client.call("POST /runs", { body: { query: "all", command: ["first"] } });
  await page.goto(`${product.url}/runs/${id}`);
  await page.getByText("39 of 40 hosts done").waitFor();

  await page.getByRole("button", { name: "running 1" }).click();
  await page.getByText("1 host has not answered yet.").waitFor();
  await page.getByRole("tabpanel").getByRole("button", { name: "web40" }).click();
  await page.getByRole("complementary", { name: "Host web40" }).waitFor();
  await page.getByRole("button", { name: "Close the host" }).click();
  await page.getByRole("complementary", { name: "Host web40" }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "running 1" }).click();
  const answers = page.getByRole("article").locator("header code");
  await expect.poll(() => answers.allInnerTexts()).toEqual(["web01", "web[02-39]"]);

  await product.client.call("POST /runs/:id/cancel", { params: { id } });
  await page.getByText("40 of 40 hosts done").waitFor();
  await expect.poll(() => answers.allInnerTexts()).toEqual(["web01", "web[02-39]", "web40"]);
  await page.reload();
  await answers.first().waitFor();
  await expect.poll(() => answers.allInnerTexts()).toEqual(["web[02-39]", "web01", "web40"]);
  await page.getByRole("article").filter({ hasText: "web40" }).getByRole("button", { name: "Open" }).click();
  await page.getByRole("complementary", { name: "Host web40" }).waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

it("says once for which controller a queued run waits, and goes on when that takes orders again", async () => {
  const params = { name: "main" };
  await product.client.call("POST /controllers/:name/drain", { params });
  const { id } = await product.client.call("POST /runs", { body: { query: "web01", command: ["units"] } });
  const { page, context, complaints } = await open();
  await page.goto(`${product.url}/runs/${id}`);

  await page.getByText("for controller main, which takes no new orders").waitFor();
  expect(await page.getByText("Waiting for its controller to take it.").count()).toBe(0);
  await product.client.call("POST /controllers/:name/undrain", { params });
  await page.getByText("1 of 1 host done").waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

it("shows two people the same, live and after the end", async () => {
  const [one, other] = [await open(), await open()];
  const { id } = await product.client.call("POST /runs", { body: { query: "all", command: ["hang"] } });
  for (const { page } of [one, other]) await page.goto(`${product.url}/runs/${id}`);
  for (const { page } of [one, other]) {
    await page.getByText("39 of 40 hosts done").waitFor();
    await expect.poll(() => page.getByRole("article").first().innerText()).toContain("web[01-39]");
  }
  const seen = ({ page }: { page: Page }) => page.getByRole("tabpanel").innerText();
  // Each page fetches the outputs of its groups by itself, so each comes to the same at a moment of its own.
  const sameForBoth = () => expect.poll(async () => (await seen(one)) === (await seen(other))).toBe(true);
  await sameForBoth();

  await product.client.call("POST /runs/:id/cancel", { params: { id } });
  for (const { page } of [one, other]) await page.getByText("40 of 40 hosts done").waitFor();
  await sameForBoth();
  expect(await seen(one)).toContain("done");
  await one.context.close();
  await other.context.close();
});

it("finds runs by host and keeps filters as a view of one's own, also after a new sign-in", async () => {
  await finished("units");
  const { page, context } = await open();
  await page.goto(`${product.url}/runs?state=partial`);
  await page.getByRole("textbox", { name: "Host" }).fill("web11");
  await expect.poll(() => page.url()).toContain("host=web11");
  await page.getByRole("table").waitFor();

  await page.getByRole("button", { name: "Save this view" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("web11 in trouble");
  await page.getByRole("dialog").getByRole("button", { name: "Save this view" }).click();
  await page.getByRole("link", { name: "web11 in trouble" }).waitFor();
  await context.close();

  const again = await open();
  await again.page.goto(`${product.url}/runs`);
  await again.page.getByRole("link", { name: "web11 in trouble" }).click();
  await expect.poll(() => again.page.url()).toMatch(/state=partial.*host=web11|host=web11.*state=partial/);
  await again.page
    .getByRole("link", { name: /^What changed in run/ })
    .first()
    .click();
  await again.page.getByRole("tab", { name: "Compare", selected: true }).waitFor();
  await again.context.close();
});

it("finds runs on a phone, whose filters stand behind a button that tells how many are set", async () => {
  await finished("uptime");
  const { page, context, complaints } = await browser.open({ viewport: { width: 390, height: 844 }, hasTouch: true });
  await signIn(page, product);
  await page.goto(`${product.url}/runs`);
  const row = page.getByRole("row").nth(1);

  await row.getByText(/ · ada/).waitFor();
  await row.getByText("uptime", { exact: true }).waitFor();
  expect(await page.getByRole("combobox", { name: "State" }).count()).toBe(0);
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByRole("textbox", { name: "Host" }).fill("web11");
  await page.getByRole("combobox", { name: "State" }).click();
  await page.getByRole("option", { name: "partly succeeded" }).click();
  await page.getByRole("button", { name: "2 filters", expanded: true }).waitFor();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  const overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
  expect(Number(overflow)).toBeLessThanOrEqual(0);
  await page.getByRole("button", { name: "2 filters" }).click();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByRole("button", { name: "Filters", expanded: false }).waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

it("is watched and cancelled on a phone", async () => {
  const { page, context } = await browser.open({ viewport: { width: 390, height: 844 } });
  await prefer(page, "dark", "zh");
  await signIn(page, product);
  const { id } = await product.client.call("POST /runs", { body: { query: "all", command: ["hang"] } });
  await page.goto(`${product.url}/runs/${id}`);
  await page.getByText("40 台主机中 39 台已结束").waitFor();
  await page.getByText("hang", { exact: true }).waitFor();

  const overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
  expect(Number(overflow)).toBeLessThanOrEqual(0);
  await page.getByRole("button", { name: "取消", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "在 1 台主机上取消" }).click();

  await page.getByRole("button", { name: "再次运行" }).waitFor();
  await context.close();
});

async function open() {
  const opened = await browser.open();
  await signIn(opened.page, product);
  return opened;
}

/** A run of the command on all hosts, to its end. */
async function finished(command: string): Promise<number> {
  const { id } = await product.client.call("POST /runs", { body: { query: "all", command: [command] } });
  await (await product.client.call("GET /runs/:id/live", { params: { id } })).text();
  return id;
}
