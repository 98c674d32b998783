import type { Page, Request } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { en } from "../../console/i18n/en.ts";
import { enScenes } from "../../console/i18n/en-scenes.ts";
import { openBrowser, type TestBrowser, type TestPage } from "../testkit/browser.ts";
import { signIn } from "../testkit/console-page.ts";
import { type ConsoleProduct, mockHosts, startConsoleProduct } from "../testkit/console-product.ts";

// A browser on a busy machine: slow is not wrong.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 240_000 });

/** 9 MB: three pieces. */
const longOutput = Array.from({ length: 150_000 }, (_, line) => `${String(line).padStart(6, "0")} ${".".repeat(52)}`);

let browser: TestBrowser;
let product: ConsoleProduct;

beforeAll(async () => {
  product = await startConsoleProduct({
    hosts: mockHosts({ "Linux.Web/www": ["web", 3], "Linux.Mysql/shop": ["db", 1] }),
    engine: { hosts: { db01: [`stdout=${longOutput.join("\n")}\n`] } },
  });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await product?.[Symbol.asyncDispose]();
});

it("loads the texts of the language in use, of further scenes with the first of them, and never shows a key", async () => {
  await using opened = await start();
  const { page, dictionaries, keysShown } = opened;
  expect(dictionaries()).toEqual(["en"]);

  await page.getByRole("link", { name: "Controllers" }).click();
  await page.getByRole("heading", { name: "Controllers" }).waitFor();
  expect(dictionaries()).toEqual(["en", "en-scenes"]);

  await page.getByRole("button", { name: /^ada: / }).click();
  await page.getByText("中文").click();
  await page.getByRole("heading", { name: "主控端" }).waitFor();
  expect(dictionaries()).toEqual(["en", "en-scenes", "zh", "zh-scenes"]);
  await page.reload();
  await page.getByRole("heading", { name: "主控端" }).waitFor();
  expect(await keysShown()).toEqual([]);
  expect(opened.complaints).toEqual([]);
});

it("says that nothing answers where a page cannot come, and opens it by itself once something does", async () => {
  await using opened = await start();
  const { page } = opened;
  await page.context().setOffline(true);
  await page.getByRole("link", { name: "Users" }).click();
  await page.getByText("This page comes as soon as OMServer answers").waitFor();
  await page.getByText(/^OMServer did not answer at http/).waitFor();

  await page.context().setOffline(false);

  await page.getByRole("heading", { name: "Users" }).waitFor();
});

it("says on every page when nothing answers, at once when the browser goes off line, and no longer once something does", async () => {
  await using opened = await start();
  const { page } = opened;
  const notice = page.getByRole("alert").filter({ hasText: "OMServer does not answer." });

  await page.context().setOffline(true);
  await notice.waitFor({ timeout: 10_000 });

  await page.context().setOffline(false);
  await notice.waitFor({ state: "detached", timeout: 10_000 });
});

it("stays in its language, and says why, when the other one does not come", async () => {
  await using opened = await start();
  const { page } = opened;
  await page.route(/\/assets\/zh-/, (route) => route.abort("connectionfailed"));

  await page.getByRole("button", { name: /^ada: / }).click();
  await page.getByText("中文").click();

  await page.getByText(/^The texts of this language did not come/).waitFor();
  expect(await page.getByRole("radio", { name: "English" }).isChecked()).toBe(true);
  expect(await page.locator("html").getAttribute("lang")).toBe("en");
});

it("says in a list that its choices did not come, and asks for them again when it is opened", async () => {
  await using opened = await start();
  const { page } = opened;
  const modules = /\/api\/v1\/modules$/;
  await page.route(modules, (route) => route.abort("connectionfailed"));
  await page.goto(`${product.url}/runs`);
  const list = page.getByRole("combobox", { name: "Module" });
  await list.click();
  await page.getByText(/^The choices could not be fetched\./).waitFor();

  await page.unroute(modules);
  await page.keyboard.press("Escape");
  await list.click();

  await page.getByRole("option", { name: "View the system log" }).waitFor();
});

it("asks for a run's hosts once, before its page can be drawn, and not for a look at one of them", async () => {
  const command = ["mock", "stdout=up"];
  const { id } = await product.client.call("POST /runs", { body: { command, query: "web[01-03]" } });
  await using opened = await start();
  const { page } = opened;
  let asked = 0;
  const isHosts = (request: Request) => new URL(request.url()).pathname === `/api/v1/runs/${id}/hosts`;
  page.on("request", (request) => {
    if (isHosts(request)) asked++;
  });

  await page.getByRole("link", { name: "Runs" }).click();
  await page.getByRole("link", { name: String(id), exact: true }).hover();
  await page.waitForLoadState("networkidle");
  expect(asked).toBe(0);
  // The page cannot be drawn before it has asked: its script does not come earlier.
  const first = page.waitForRequest(isHosts);
  await page.route(/\/assets\/run-(?:scene|view)-[^/]*\.js$/, async (route) => {
    await first;
    await route.continue();
  });
  await page.goto(`${product.url}/runs/${id}`);
  await page.getByRole("grid").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("complementary", { name: "Host web" }).waitFor();
  expect(asked).toBe(1);
});

it("follows no run that has ended, and reads a long output whole and in order", async () => {
  await product.client.call("PATCH /settings", { body: { outputLimitBytes: 16_777_216 } });
  const { id } = await product.client.call("POST /runs", { body: { command: ["mock"], query: "db01" } });
  const state = async () => (await product.client.call("GET /runs/:id", { params: { id } })).state;
  await expect.poll(state, { timeout: 20_000 }).toBe("succeeded");
  await using opened = await start();
  const { page } = opened;
  const streams: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/live")) streams.push(request.url());
  });

  await page.goto(`${product.url}/runs/${id}?host=0`);
  await page.locator(`[data-lines="${longOutput.length}"]`).waitFor();
  for (const line of [longOutput.length - 1, 100_000, 75_000]) {
    await page.getByRole("searchbox", { name: "Find in the output" }).fill(longOutput[line] ?? "");
    await page.locator("[data-matches='1']").waitFor();
    await page.locator(`[data-index="${line}"]`).waitFor();
  }

  expect(streams).toEqual([]);
});

it("brings the operate page in at most 260 kB of compressed script, over a cold cache", async () => {
  await using opened = await start();
  const { page } = opened;
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.setCacheDisabled", { cacheDisabled: true });
  const scripts = new Map<string, number>();
  const encodings = new Set<string>();
  devtools.on("Network.responseReceived", ({ requestId, response }) => {
    if (!response.url.endsWith(".js")) return;
    scripts.set(requestId, 0);
    if (response.url.includes("/assets/index-")) {
      encodings.add(new Headers(Object.entries(response.headers)).get("content-encoding") ?? "none");
    }
  });
  devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) scripts.set(requestId, encodedDataLength);
  });

  await page.reload();
  await page.getByRole("treeitem").first().waitFor();
  await page.waitForLoadState("networkidle");

  const bytes = [...scripts.values()].reduce((sum, length) => sum + length, 0);
  expect(bytes).toBeGreaterThan(100_000);
  expect(bytes).toBeLessThan(260_000);
  expect(encodings.size).toBe(1);
  expect(encodings).not.toContain("none");
});

interface Opened extends TestPage, AsyncDisposable {
  /** Names of the dictionary files that were asked for. */
  dictionaries(): readonly string[];
  /** What stood on the page at any time and looked like the name of a text. */
  keysShown(): Promise<readonly string[]>;
}

async function start(): Promise<Opened> {
  const opened = await browser.open();
  const { page } = opened;
  const asked = new Set<string>();
  page.on("request", (request) => {
    const [, name] = /\/assets\/((?:en|zh)(?:-scenes)?)-[^/]*\.js$/.exec(request.url()) ?? [];
    if (name !== undefined) asked.add(name);
  });
  await watchForKeys(page);
  await signIn(page, product);
  return {
    ...opened,
    dictionaries: () => [...asked].sort(),
    keysShown: () => page.evaluate("[...window.shownKeys]"),
    [Symbol.asyncDispose]: () => opened.context.close(),
  };
}

async function watchForKeys(page: Page): Promise<void> {
  const names = Object.keys({ ...en, ...enScenes }).join("|");
  await page.addInitScript(`
    window.shownKeys = new Set();
    new MutationObserver(() => {
      for (const [key] of (document.body?.innerText ?? "").matchAll(/\\b(?:${names})\\.[a-zA-Z]+(?:\\.[a-zA-Z_]+)*\\b/g)) shownKeys.add(key);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  `);
}
