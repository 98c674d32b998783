import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { openBrowser, type TestBrowser } from "../test/testkit/browser.ts";
import { builtConsole } from "../test/testkit/built-console.ts";
import { querying, scrolling, unfolding } from "./console-inventory.ts";
import type { Times } from "./console-page.ts";
import { following, opening, reading } from "./console-run.ts";
import { hostName, type SeededRuns, seedRuns } from "./console-seed.ts";
import { clientOf, importHosts, inFolder, type Measured, rounded, startMeasured } from "./product.ts";

interface Sizes {
  readonly hosts: number;
  readonly live: number;
  readonly rounds: number;
}

/**
 * The console in Debian's Chromium over the whole product (mock engine, SQLite), with 100,000 hosts in the inventory.
 * Times of pages are from the start of the navigation, scripts from the browser's cache, until what is waited for is
 * there and painted. `query` and `search` are from the last key to the painted answer. A time is the median of the
 * rounds; `best` has the least disturbed one, for a machine that others use too.
 * Options: `hosts` (100,000 in the inventory), `live` (10,000 hosts of the live run), `rounds` (5).
 */
export async function run(options: Record<string, string>): Promise<object> {
  const sizes = {
    hosts: Number(options.hosts ?? 100_000),
    live: Number(options.live ?? 10_000),
    rounds: Number(options.rounds ?? 5),
  };
  return await inFolder(async (folder) => {
    console.error("seeding …");
    const runs = await seedRuns(folder);
    const consoleFolder = await builtConsole();
    const product = await startMeasured({ role: "product", folder, engine: "mock", kept: 0, consoleFolder });
    const hosts = Array.from({ length: sizes.hosts }, (_, position) => ({ name: hostName(position), engine: "mock" }));
    await importHosts(clientOf(product), hosts, 20);
    const browser = await openBrowser();
    try {
      const figures = await measured(browser, product, runs, sizes);
      return { bench: "console", ...figures, ...sizes, node: process.version };
    } finally {
      await browser[Symbol.asyncDispose]();
      await product.stop();
    }
  });
}

async function measured(browser: TestBrowser, product: Measured, runs: SeededRuns, { hosts, live, rounds }: Sizes) {
  const url = product.ready.url ?? "";
  const { page } = await browser.open();
  await page.goto(product.ready.link ?? "");
  await page.waitForURL(`${url}/`);
  await page.getByRole("tree").waitFor();
  const openRun10k = await opening(page, product, runs.hosts10k, rounds);
  const openRun100k = await opening(page, product, runs.hosts100k, rounds);
  const followed = await following(page, url, clientOf(product), live);
  const query100k = await querying(page, url, rounds);
  const tree100k = await unfolding(page, url, rounds);
  const scrolled = await scrolling(page, url, hosts);
  const { lines: lines300k, search: search300k } = await reading(page, url, runs.lines300k, rounds);
  const times: Record<string, Times> = { openRun10k, openRun100k, query100k, tree100k, lines300k, search300k };
  return {
    ...each(times, ({ median }) => median, "Ms"),
    ...followed,
    ...scrolled,
    ...(await script(page, url)),
    best: each(times, ({ best }) => best, "Ms"),
  };
}

function each(times: Record<string, Times>, figure: (times: Times) => number, unit: string): Record<string, number> {
  return Object.fromEntries(Object.entries(times).map(([name, time]) => [name + unit, figure(time)]));
}

/** Script of a first look at the operate page over a cold cache: by gzip, and as the server sent it. */
async function script(page: Page, url: string): Promise<{ readonly scriptKb: number; readonly scriptSentKb: number }> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.setCacheDisabled", { cacheDisabled: true });
  const addresses = new Map<string, string>();
  let sent = 0;
  devtools.on("Network.responseReceived", ({ requestId, response }) => {
    if (response.url.endsWith(".js")) addresses.set(requestId, response.url);
  });
  devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (addresses.has(requestId)) sent += encodedDataLength;
  });
  await page.goto(url);
  await page.getByRole("treeitem").first().waitFor();
  await page.waitForLoadState("networkidle");
  await devtools.detach();
  let bytes = 0;
  for (const address of new Set(addresses.values())) bytes += gzipSync(await (await fetch(address)).text()).length;
  return { scriptKb: rounded(bytes / 1000, 1), scriptSentKb: rounded(sent / 1000, 1) };
}
