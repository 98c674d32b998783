import type { Page } from "playwright-core";
import { repeated, shares, spent, type Times, timed, underFifty } from "./console-page.ts";
import { rounded } from "./product.ts";

/** From the last letter of a query to its painted answer: how many hosts, and which. */
export async function querying(page: Page, url: string, rounds: number): Promise<Times> {
  return await repeated("query", rounds, async (round) => {
    await page.goto(url);
    const box = page.getByRole("textbox", { name: "Host query" });
    await box.fill("web*7.example.com");
    await page.getByText("10,000 hosts", { exact: true }).waitFor();
    // Each round asks something else: nothing is answered from a cache.
    await box.fill(`web0${round}*5.example.co`);
    await page.waitForTimeout(600);
    const answer = `[...document.querySelectorAll("[aria-live=polite] strong")].some((one) => one.textContent === "1,000 hosts")`;
    return await timed(page, "m", answer);
  });
}

/** The slower of two openings: a category to its categories, and one of these to its hosts, which are fetched. */
export async function unfolding(page: Page, url: string, rounds: number): Promise<Times> {
  return await repeated("tree", rounds, async () => {
    // What was chosen before is remembered by the browser.
    await page.evaluate("localStorage.clear(); sessionStorage.clear()");
    await page.goto(url);
    await page.getByRole("tree").waitFor();
    await page.getByRole("treeitem").first().waitFor();
    await page.getByRole("tree").focus();
    await page.keyboard.press("Home");
    const rows = (level: number, count: number) =>
      `document.querySelectorAll("[role=treeitem][aria-level='${level}']").length >= ${count}`;
    const categories = await timed(page, "ArrowRight", rows(2, 5));
    await page.keyboard.press("ArrowRight");
    return Math.max(categories, await timed(page, "ArrowRight", rows(3, 10)));
  });
}

/** What every frame showed while the table was scrolled. */
interface Scrolled {
  readonly frames: readonly number[];
  /** Rows of the view that were not there when the frame was painted, summed over the frames. */
  readonly blank: number;
  /** The same before the page could answer the scrolling: what a browser may show that scrolls ahead of its scripts. */
  readonly ahead: number;
  readonly rows: number;
}

/**
 * Scrolls the inventory's table. In each frame the place of every row of the view is looked at: blank is where no row
 * with a host's name stands. First with the wheel, 300 pixels every 16 ms (some 580 rows a second); then with Control+End
 * until the last of all hosts is there, each step a jump of 1,000 rows; then twenty jumps to anywhere.
 */
export async function scrolling(page: Page, url: string, hosts: number) {
  await page.goto(`${url}/inventory`);
  const grid = page.getByRole("grid");
  await grid.waitFor();
  await grid.focus();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  const before = await spent(devtools);
  const wheel = await watched(page, async () => {
    const box = await grid.locator("xpath=..").boundingBox();
    if (box === null) throw new Error("the table of hosts has no place");
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    for (let turn = 0; turn < 240; turn++) {
      await page.mouse.wheel(0, 300);
      await page.waitForTimeout(16);
    }
  });
  const share = shares(before, await spent(devtools));
  const begun = performance.now();
  const end = await watched(page, async () => {
    const last = page.locator(`[aria-rowindex="${hosts + 1}"]`);
    for (let step = 0; step < 2 * (hosts / 1000) + 10 && (await last.count()) === 0; step++) {
      await page.keyboard.press("Control+End");
      await page.waitForTimeout(50);
    }
    await last.waitFor();
  });
  const endSeconds = rounded((performance.now() - begun) / 1000, 1);
  const jumps = await watched(page, async () => {
    for (let jump = 1; jump <= 20; jump++) {
      await page.evaluate(`(() => {
        const scroller = document.querySelector("[role=grid]").parentElement;
        scroller.scrollTop = scroller.scrollHeight * ${(jump * 0.618) % 1};
      })()`);
      await page.waitForTimeout(60);
    }
  });
  await devtools.detach();
  const all = [wheel, end, jumps];
  const figures = {
    blankRows: all.reduce((sum, { blank }) => sum + blank, 0),
    blankRowsAhead: wheel.ahead,
    scrollFramesUnder50msPct: underFifty(all.flatMap(({ frames }) => frames)),
    scrollTaskSharePct: share.task,
  };
  const longest = all.map(({ frames }) => Math.round(Math.max(...frames))).join(", ");
  const rows = all.map((one) => one.rows).join(", ");
  console.error(
    `scroll: ${JSON.stringify(figures)}; wheel, End (${endSeconds} s), jumps: longest frames ${longest} ms, rows seen ${rows}`,
  );
  return figures;
}

async function watched(page: Page, scroll: () => Promise<void>): Promise<Scrolled> {
  await page.evaluate(`(() => {
    const grid = document.querySelector("[role=grid]");
    const scroller = grid.parentElement;
    const height = grid.querySelector("[data-row]").getBoundingClientRect().height;
    const seen = window.benchScrolled = { frames: [], blank: 0, ahead: 0, rows: 0 };
    const missing = () => {
      const { top, bottom } = scroller.getBoundingClientRect();
      const head = grid.tHead.getBoundingClientRect().height;
      const middles = new Set();
      for (const row of grid.querySelectorAll("[data-row]")) {
        const place = row.getBoundingClientRect();
        const middle = (place.top + place.bottom) / 2;
        if (middle > top + head && middle < bottom && row.textContent.includes("example.com")) middles.add(row.dataset.row);
      }
      seen.rows += middles.size;
      return Math.max(0, Math.floor((bottom - top - head) / height) - 1 - middles.size);
    };
    // Before any other listener: the rows are those of the frame before.
    const onScroll = () => { seen.ahead += missing(); };
    addEventListener("scroll", onScroll, { capture: true });
    let last = performance.now();
    const frame = (now) => {
      seen.frames.push(now - last);
      last = now;
      // After everything that this frame did, just before it is painted.
      new Promise((done) => done()).then(() => { seen.blank += missing(); });
      if (window.benchScrolled === seen) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    window.benchStop = () => { removeEventListener("scroll", onScroll, { capture: true }); window.benchScrolled = undefined; return seen; };
  })()`);
  await scroll();
  return (await page.evaluate("window.benchStop()")) as Scrolled;
}
