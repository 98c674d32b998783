/**
 * npm run pictures [-- SCENE …]: starts the demo, opens the console in Chromium and takes the pictures of the docs, of
 * every scene (or those that are named) in both languages and themes, on a desk and on a phone:
 * docs/pictures/SCENE-LANGUAGE-THEME[-phone].webp.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { openBrowser, type TestBrowser } from "../test/testkit/browser.ts";
import { untilSaid } from "../test/testkit/program.ts";
import { furnish } from "./picture-data.ts";
import { pictureScenes } from "./picture-scenes.ts";

const repository = fileURLToPath(new URL("..", import.meta.url));
const target = join(repository, "docs", "pictures");
const sizes = { "": { width: 1440, height: 900 }, "-phone": { width: 390, height: 844 } };

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in pictureScenes));
if (unknown !== undefined) {
  console.error(`There is no scene “${unknown}”. Scenes: ${Object.keys(pictureScenes).join(", ")}`);
  process.exit(2);
}
const scenes = Object.entries(pictureScenes).filter(([name]) => asked.length === 0 || asked.includes(name));

const folder = mkdtempSync(join(tmpdir(), "omserver-pictures-"));
mkdirSync(target, { recursive: true });
const demo = spawn("bin/omserver", ["demo", "--listen", "127.0.0.1:0", "--data", join(folder, "data")], {
  cwd: repository,
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  const [, url = "", link = ""] = await untilSaid(demo, /(http:\S+)\n.*?(http:\S+#token=\S+)/s);
  await using browser = await openBrowser();
  const { page, context } = await browser.open();
  const converter = (await browser.open()).page;
  await page.goto(link);
  await page.waitForURL(`${url}/`);
  await furnish(url, await newToken(page));
  const session = await context.storageState();
  for (const language of ["en", "zh"] as const) {
    for (const theme of ["light", "dark"] as const) {
      for (const [size, viewport] of Object.entries(sizes)) {
        const look = { language, theme, url };
        const signedIn = await openIn(browser, { viewport, storageState: session }, look);
        const signedOut = await openIn(browser, { viewport }, look);
        for (const [name, { path, act }] of scenes) {
          const at = name === "sign-in" ? signedOut : signedIn;
          await at.goto(url + path);
          await settled(at);
          if (act !== undefined) {
            await act(at, size !== "");
            await settled(at);
          }
          const png = await at.screenshot();
          writeFileSync(join(target, `${name}-${language}-${theme}${size}.webp`), await webp(converter, png));
        }
        for (const each of [signedIn, signedOut]) await each.context().close();
        console.error(`${language} ${theme}${size}: ${scenes.length} pictures`);
      }
    }
  }
} finally {
  demo.kill("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

async function newToken(page: Page): Promise<string> {
  const made = await page.evaluate(async () => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch("/api/v1/tokens", { method: "POST", headers, body: '{"name":"pictures"}' });
    return (await answer.json()) as { token: string };
  });
  return made.token;
}

async function openIn(
  browser: TestBrowser,
  options: Parameters<TestBrowser["open"]>[0],
  look: { readonly language: string; readonly theme: string; readonly url: string },
): Promise<Page> {
  const { page } = await browser.open(options);
  const choices = { "omserver.theme": look.theme, "omserver.language": look.language };
  await page.addInitScript(`Object.assign(localStorage, ${JSON.stringify(choices)})`);
  return page;
}

/** The scene is there, nothing of it is still loading, and it has been painted. */
async function settled(page: Page): Promise<void> {
  await page.getByRole("main").first().waitFor();
  await page.locator('[role="status"][aria-label]:not([data-sample] *)').first().waitFor({ state: "detached" });
  await page.waitForTimeout(350);
}

/** Chromium itself makes the picture small: a third of a PNG, and no tool more. */
async function webp(converter: Page, png: Buffer): Promise<Buffer> {
  const script = `(async () => {
    const picture = await createImageBitmap(await (await fetch("data:image/png;base64,${png.toString("base64")}")).blob());
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    canvas.getContext("2d").drawImage(picture, 0, 0);
    const blob = await canvas.convertToBlob({ type: "image/webp", quality: 0.9 });
    const bytes = new Uint8Array(await blob.arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  })()`;
  const base64 = (await converter.evaluate(script)) as string;
  return Buffer.from(base64, "base64");
}
