import type { Page } from "playwright-core";
import type { Client } from "../src/contract/http/client.ts";
import { heapMb, repeated, shares, shownAt, spent, type Times, timed, told, underFifty } from "./console-page.ts";
import type { Measured } from "./product.ts";

/** Opens the page of a finished run, scripts from the browser's cache, until cells and answers are painted. */
export async function opening(page: Page, product: Measured, run: number, rounds: number): Promise<Times> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  const ready = `document.querySelector("[role=grid] [role=gridcell]") && document.querySelector("article [role=group]")`;
  const times = await repeated(`open run ${run}`, rounds, async () => {
    await page.goto("about:blank");
    const server = await product.cpu();
    const before = await spent(devtools);
    await page.goto(`${product.ready.url}/runs/${run}`, { waitUntil: "commit" });
    const time = await shownAt(page, ready);
    const after = await spent(devtools);
    const cpu = {
      page: Math.round(1000 * (after.task - before.task)),
      server: Math.round((await product.cpu()) - server),
    };
    console.error(`  ${Math.round(time)} ms; main thread ${cpu.page} ms, server CPU ${cpu.server} ms`);
    return time;
  });
  await devtools.detach();
  return times;
}

/** A run that goes on while it is looked at. Memory is what the page holds after a collection, before and after. */
export async function following(page: Page, url: string, client: Client, hosts: number) {
  const body = {
    command: ["mock", "latency=100..500", "stdout=up 3 days"],
    query: `web[000000-${String(hosts - 1).padStart(6, "0")}].example.com`,
    width: Math.ceil(hosts / 50),
    confirmHostCount: hosts,
  };
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  const started = await client.call("POST /runs", { body });
  await page.goto(`${url}/runs/${started.id}`);
  await page.getByRole("grid").waitFor();
  const before = await spent(devtools);
  const heapBeforeMb = await heapMb(devtools);
  const frames = (await page.evaluate(`new Promise((done) => {
    const frames = [];
    let last = performance.now();
    const next = (now) => {
      frames.push(now - last);
      last = now;
      if (document.querySelector("[data-state=running],[data-state=pending],[data-run-open]")) requestAnimationFrame(next);
      else done(frames);
    };
    requestAnimationFrame(next);
  })`)) as number[];
  const after = await spent(devtools);
  const heapAfterMb = await heapMb(devtools);
  const { script, task } = shares(before, after);
  await devtools.detach();
  const figures = {
    framesUnder50msPct: underFifty(frames),
    scriptSharePct: script,
    taskSharePct: task,
    liveSeconds: Math.round(after.at - before.at),
    heapBeforeMb,
    heapAfterMb,
  };
  console.error(`live run: ${frames.length} frames, ${JSON.stringify(figures)}`);
  return figures;
}

/** One host that printed 300,000 lines: until they can be read and searched, and from the last letter to the match. */
export async function reading(page: Page, url: string, run: number, rounds: number) {
  const lines: number[] = [];
  const search: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await page.goto("about:blank");
    await page.goto(`${url}/runs/${run}?host=0`, { waitUntil: "commit" });
    lines.push(await shownAt(page, `document.querySelector("[data-lines='300000']")`));
    await page.getByRole("searchbox", { name: "Find in the output" }).fill("line 29999");
    await page.waitForTimeout(600);
    search.push(await timed(page, String(9 - round), `document.querySelector("[data-matches='1']")`));
  }
  return { lines: told("300,000 lines", lines), search: told("search in them", search) };
}
