import { gzipSync } from "node:zlib";
import type { CDPSession, Page } from "playwright-core";
import type { Client } from "../src/contract/http/client.ts";
import { openBrowser } from "../test/testkit/browser.ts";
import { builtConsole } from "../test/testkit/built-console.ts";
import { hostName, type SeededRuns, seedRuns } from "./console-seed.ts";
import { clientOf, importHosts, inFolder, rounded, startMeasured } from "./product.ts";

/**
 * The console in Debian's Chromium over the whole product (mock engine, SQLite), with 100,000 hosts in the inventory.
 * Times of pages are from the start of the navigation, scripts from the browser's cache, until what is waited for is
 * there and painted; the median of three. `query` and `search` are from the last key to the painted answer.
 * Options: `hosts` (100,000 in the inventory), `live` (10,000 hosts of the live run), `rounds` (3).
 */
export async function run(options: Record<string, string>): Promise<object> {
  const hosts = Number(options.hosts ?? 100_000);
  const live = Number(options.live ?? 10_000);
  const rounds = Number(options.rounds ?? 3);
  return await inFolder(async (folder) => {
    console.error("seeding …");
    const runs = await seedRuns(folder);
    const product = await startMeasured({
      role: "product",
      folder,
      engine: "mock",
      kept: 0,
      consoleFolder: await builtConsole(),
    });
    const client = clientOf(product);
    await importHosts(
      client,
      Array.from({ length: hosts }, (_, position) => ({ name: hostName(position), engine: "mock" })),
      20,
    );
    const browser = await openBrowser();
    const url = product.ready.url ?? "";
    const { page } = await browser.open();
    await page.goto(product.ready.link ?? "");
    await page.waitForURL(`${url}/`);
    await page.getByRole("tree").waitFor();
    const result = {
      ...(await opening(page, url, runs, rounds)),
      ...(await followed(page, url, client, live)),
      ...(await operating(page, url, rounds)),
      ...(await reading(page, url, runs, rounds)),
      scriptKb: await scriptKb(page, url),
    };
    await browser[Symbol.asyncDispose]();
    await product.stop();
    return { bench: "console", ...result, hosts, live, rounds, node: process.version };
  });
}

/** Waits in the page until the expression is true, then for the next painted frame; the time since it was opened. */
async function readyAt(page: Page, condition: string): Promise<number> {
  const script = `new Promise((done) => {
    const look = () => (${condition})
      ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))
      : setTimeout(look, 2);
    look();
  })`;
  return (await page.evaluate(script)) as number;
}

async function opening(page: Page, url: string, runs: SeededRuns, rounds: number) {
  const ready = `document.querySelector("[role=grid] [role=gridcell]") && document.querySelector("article [role=group]")`;
  const open = async (id: number) => {
    await page.goto("about:blank");
    await page.goto(`${url}/runs/${id}`, { waitUntil: "commit" });
    return await readyAt(page, ready);
  };
  const openRun10kMs = await median("open 10,000 hosts", rounds, () => open(runs.hosts10k));
  const openRun100kMs = await median("open 100,000 hosts", rounds, () => open(runs.hosts100k));
  return { openRun10kMs, openRun100kMs };
}

/** A run that goes on while it is looked at. Memory is what the page holds after a collection, before and after. */
async function followed(page: Page, url: string, client: Client, hosts: number) {
  const query = `web[000000-${String(hosts - 1).padStart(6, "0")}].example.com`;
  const body = {
    command: ["mock", "latency=100..500", "stdout=up 3 days"],
    query,
    width: Math.ceil(hosts / 50),
    confirmHostCount: hosts,
  };
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  const started = await client.call("POST /runs", { body });
  await page.goto(`${url}/runs/${started.id}`);
  await page.getByRole("grid").waitFor();
  const before = await metrics(devtools);
  const heapBefore = await heap(devtools);
  const script = `new Promise((done) => {
    const frames = [];
    let last = performance.now();
    const next = (now) => {
      frames.push(now - last);
      last = now;
      if (document.querySelector("[data-state=running],[data-state=pending],[data-run-open]")) requestAnimationFrame(next);
      else done(frames);
    };
    requestAnimationFrame(next);
  })`;
  const frames = (await page.evaluate(script)) as number[];
  const after = await metrics(devtools);
  const heapAfter = await heap(devtools);
  const smooth = frames.filter((milliseconds) => milliseconds < 50).length / frames.length;
  const wall = after.at - before.at;
  const figures = {
    framesUnder50msPct: rounded(100 * smooth, 1),
    scriptSharePct: rounded((100 * (after.script - before.script)) / wall, 1),
    taskSharePct: rounded((100 * (after.task - before.task)) / wall, 1),
    liveSeconds: rounded(wall, 1),
    heapBeforeMb: rounded(heapBefore, 1),
    heapAfterMb: rounded(heapAfter, 1),
  };
  console.error(`live run: ${frames.length} frames, ${JSON.stringify(figures)}`);
  return figures;
}

async function operating(page: Page, url: string, rounds: number) {
  const query100kMs = await median("query", rounds, async (round) => {
    await page.goto(url);
    const box = page.getByRole("textbox", { name: "Host query" });
    await box.fill("web*7.example.com");
    await page
      .getByText(/^[\d,]+ hosts$/)
      .first()
      .waitFor();
    const text = `web0${round}*5.example.com`;
    await box.fill(text.slice(0, -1));
    await page.waitForTimeout(600);
    return await timed(page, "m", `document.body.innerText.includes("1,000 hosts")`);
  });
  const tree100kMs = await median("tree", rounds, async () => {
    // What was chosen and unfolded before is remembered by the browser.
    await page.evaluate("localStorage.clear(); sessionStorage.clear()");
    await page.goto(url);
    await page.getByRole("tree").waitFor();
    await page.getByRole("tree").focus();
    await page.keyboard.press("Home");
    const rows = `document.querySelectorAll("[role=treeitem][aria-level='2']").length >= 5`;
    const categories = await timed(page, "ArrowRight", rows);
    await page.keyboard.press("ArrowRight");
    const names = `document.querySelectorAll("[role=treeitem][aria-level='3']").length >= 10`;
    return Math.max(categories, await timed(page, "ArrowRight", names));
  });
  return { query100kMs, tree100kMs };
}

async function reading(page: Page, url: string, { lines300k }: SeededRuns, rounds: number) {
  const times = { lines: [] as number[], search: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    await page.goto("about:blank");
    await page.goto(`${url}/runs/${lines300k}?host=0`, { waitUntil: "commit" });
    times.lines.push(await readyAt(page, `document.querySelector("[data-lines='300000']")`));
    const box = page.getByRole("searchbox", { name: "Find in the output" });
    await box.fill(`line 29999`);
    await page.waitForTimeout(600);
    times.search.push(await timed(page, String(9 - round), `document.querySelector("[data-matches='1']")`));
  }
  console.error(`lines ${times.lines.map(Math.round)} ms, search ${times.search.map(Math.round)} ms`);
  return { lines300kMs: middle(times.lines), search300kMs: middle(times.search) };
}

/** From a key on the focused element to the painted effect. */
async function timed(page: Page, key: string, condition: string): Promise<number> {
  await page.evaluate(
    `addEventListener("keydown", () => { window.pressedAt = performance.now(); }, { once: true, capture: true })`,
  );
  const ready = page.evaluate(`new Promise((done, fail) => {
    setTimeout(() => fail(new Error("nothing came of the key")), 20_000);
    const look = () => window.pressedAt !== undefined && (${condition})
      ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - window.pressedAt)))
      : setTimeout(look, 2);
    window.pressedAt = undefined;
    look();
  })`);
  await page.keyboard.press(key);
  return (await ready) as number;
}

/** Compressed script of a first look at the operate page. */
async function scriptKb(page: Page, url: string): Promise<number> {
  const scripts = new Set<string>();
  page.on("response", (response) => response.url().endsWith(".js") && scripts.add(response.url()));
  await page.goto(url);
  await page.getByRole("tree").waitFor();
  await page.waitForLoadState("networkidle");
  let bytes = 0;
  for (const script of scripts) bytes += gzipSync(await (await fetch(script)).text()).length;
  return rounded(bytes / 1000, 1);
}

async function metrics(devtools: CDPSession): Promise<{ at: number; script: number; task: number }> {
  const { metrics: all } = await devtools.send("Performance.getMetrics");
  const of = (name: string) => all.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return { at: of("Timestamp"), script: of("ScriptDuration"), task: of("TaskDuration") };
}

async function heap(devtools: CDPSession): Promise<number> {
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  return usedSize / 1_048_576;
}

async function median(what: string, rounds: number, measure: (round: number) => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await measure(round));
  console.error(`${what}: ${times.map(Math.round)} ms`);
  return middle(times);
}

function middle(times: readonly number[]): number {
  return Math.round([...times].sort((one, other) => one - other)[Math.floor(times.length / 2)] ?? Number.NaN);
}
