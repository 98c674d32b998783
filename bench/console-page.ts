import type { CDPSession, Page } from "playwright-core";
import { rounded } from "./product.ts";

/** Times of one figure. Others may use the machine meanwhile: all rounds are told, and the best beside the median. */
export interface Times {
  readonly median: number;
  readonly best: number;
}

/** Measures so often, and says what came of each round on stderr. Milliseconds. */
export async function repeated(
  what: string,
  rounds: number,
  measure: (round: number) => Promise<number>,
): Promise<Times> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await measure(round));
  return told(what, times);
}

export function told(what: string, times: readonly number[]): Times {
  console.error(`${what}: ${times.map(Math.round).join(", ")} ms`);
  const sorted = [...times].sort((one, other) => one - other).map(Math.round);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, best: sorted[0] ?? Number.NaN };
}

/** The moment at which the page shows something, on the clock of the page, which began with its navigation. */
export async function shownAt(page: Page, condition: string): Promise<number> {
  return (await page.evaluate(`new Promise((done, fail) => {${watching(condition)}})`)) as number;
}

/** From a key on the focused element to the painted effect. */
export async function timed(page: Page, key: string, condition: string): Promise<number> {
  // The watching is in place before the key goes out: both travel by ways of their own.
  await page.evaluate(`window.benchShown = new Promise((pressed) => {
    addEventListener("keydown", () => pressed(performance.now()), { once: true, capture: true });
  }).then((at) => new Promise((done, fail) => {${watching(condition)}}).then((shown) => shown - at));
  0`);
  await page.keyboard.press(key);
  return (await page.evaluate("window.benchShown")) as number;
}

/** Looks when the page has changed and in every frame, and waits for the next frame to be painted: the task after it. */
function watching(condition: string): string {
  return `
    setTimeout(() => fail(new Error("it never came: " + ${JSON.stringify(condition)})), 20_000);
    let shown = false;
    const look = () => {
      if (shown || !(${condition})) return;
      shown = true;
      changes.disconnect();
      const painted = new MessageChannel();
      painted.port1.onmessage = () => done(performance.now());
      requestAnimationFrame(() => painted.port2.postMessage(0));
    };
    const changes = new MutationObserver(look);
    changes.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    const frame = () => { look(); if (!shown) requestAnimationFrame(frame); };
    frame();`;
}

/** What a page has spent so far, in seconds of its main thread. */
export interface Spent {
  readonly at: number;
  readonly script: number;
  readonly task: number;
}

export async function spent(devtools: CDPSession): Promise<Spent> {
  const { metrics } = await devtools.send("Performance.getMetrics");
  const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return { at: of("Timestamp"), script: of("ScriptDuration"), task: of("TaskDuration") };
}

/** Shares of the wall time in percent: script, and all of the main thread. */
export function shares(before: Spent, after: Spent): { readonly script: number; readonly task: number } {
  const share = (seconds: number) => rounded((100 * seconds) / (after.at - before.at), 1);
  return { script: share(after.script - before.script), task: share(after.task - before.task) };
}

/** What the page holds after a collection, in MB of 1,048,576 bytes. */
export async function heapMb(devtools: CDPSession): Promise<number> {
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  return rounded(usedSize / 1_048_576, 1);
}

/** Percent of the frames that came within 50 ms of the one before. */
export function underFifty(frames: readonly number[]): number {
  return rounded((100 * frames.filter((milliseconds) => milliseconds < 50).length) / frames.length, 1);
}
