/**
 * npm run pictures: starts the demo, opens the console in Chromium and takes the pictures of the docs:
 * docs/pictures/SCENE-LANGUAGE-THEME[-phone].png.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { openBrowser } from "../test/testkit/browser.ts";
import { untilSaid } from "../test/testkit/program.ts";

const repository = fileURLToPath(new URL("..", import.meta.url));
const target = join(repository, "docs", "pictures");
const scenes: Readonly<Record<string, string>> = {
  operate: "/",
  run: "/runs/2",
  inventory: "/inventory",
  modules: "/modules",
};
const sizes = { "": { width: 1440, height: 900 }, "-phone": { width: 390, height: 844 } };

const folder = mkdtempSync(join(tmpdir(), "omserver-pictures-"));
mkdirSync(target, { recursive: true });
const demo = spawn("bin/omserver", ["demo", "--listen", "127.0.0.1:0", "--data", join(folder, "data")], {
  cwd: repository,
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  const [, url = "", link = ""] = await untilSaid(demo, /(http:\S+)\n.*?(http:\S+#token=\S+)/s);
  await using browser = await openBrowser();
  const { page } = await browser.open();
  await page.goto(link);
  await page.waitForURL(`${url}/`);
  for (const language of ["en", "zh"]) {
    for (const theme of ["light", "dark"]) {
      await page.evaluate(
        ([chosenLanguage, chosenTheme]) => {
          localStorage.setItem("omserver.language", chosenLanguage ?? "");
          localStorage.setItem("omserver.theme", chosenTheme ?? "");
        },
        [language, theme],
      );
      for (const [size, viewport] of Object.entries(sizes)) {
        await page.setViewportSize(viewport);
        for (const [scene, path] of Object.entries(scenes)) {
          await page.goto(url + path);
          await settled(page);
          if (scene === "operate" && size === "") await runOnce(page);
          await page.screenshot({ path: join(target, `${scene}-${language}-${theme}${size}.png`) });
        }
      }
    }
  }
} finally {
  demo.kill("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

async function settled(page: Page): Promise<void> {
  await page.getByRole("main").waitFor();
  await page.waitForLoadState("networkidle", { timeout: 5000 }).catch(() => undefined);
}

/** Opens the tree, picks a category and runs a module, as a user would. */
async function runOnce(page: Page): Promise<void> {
  const clear = page.getByRole("button", { name: /^(Clear|刷屏)$/ });
  if (await clear.isVisible()) await clear.click();
  await page
    .getByRole("treeitem", { name: /Linux.Web/ })
    .locator("[data-chevron]")
    .click();
  await page.getByRole("treeitem", { level: 2 }).first().locator("[data-chevron]").click();
  await page.getByRole("treeitem", { level: 2 }).nth(1).locator("[data-box]").click();
  await page.getByRole("treeitem", { level: 3 }).nth(1).locator("[data-box]").click();
  await page.getByRole("treeitem", { level: 3 }).nth(2).locator("[data-box]").click();
  await page
    .getByRole("combobox")
    .or(page.getByRole("textbox", { name: /Module|模块/ }))
    .first()
    .click();
  await page.keyboard.type("1003");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page
    .getByRole("button", { name: /Review for|预览/ })
    .last()
    .click();
  await page.getByRole("dialog").locator("button[type=submit]").click();
  await page.getByText("stdout").first().waitFor();
  await settled(page);
}
