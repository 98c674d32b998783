import type { Page } from "playwright-core";

export interface PictureScene {
  readonly path: string;
  /** What a user does before the picture is taken; `phone` shows one part of the operate page at a time. */
  readonly act?: (page: Page, phone: boolean) => Promise<void>;
}

/** Every scene of the console by the name of its pictures. `sign-in` is taken signed out. */
export const pictureScenes: Readonly<Record<string, PictureScene>> = {
  "sign-in": { path: "/sign-in" },
  "set-up": { path: "/set-up" },
  operate: { path: "/", act: operate },
  script: { path: "/?query=web*", act: writeScript },
  confirm: { path: "/?query=Linux.Web&module=os-version", act: review },
  palette: { path: "/", act: openPalette },
  run: { path: "/runs/4" },
  host: { path: "/runs/4?host=2" },
  timing: { path: "/runs/4?tab=timing" },
  compare: { path: "/runs/4?tab=compare", act: compare },
  approval: { path: "/runs/5", act: approve },
  runs: { path: "/runs" },
  inventory: { path: "/inventory?query=Linux.Web" },
  "inventory-host": { path: "/inventory/hosts/1" },
  modules: { path: "/modules" },
  module: { path: "/modules/1007" },
  files: { path: "/files" },
  audit: { path: "/audit" },
  shell: { path: "/audit/shell" },
  users: { path: "/users" },
  controllers: { path: "/controllers" },
  settings: { path: "/settings" },
  parts: { path: "/settings/parts" },
  account: { path: "/account" },
};

/** Opens the tree, picks hosts and, on a desk, runs a module on them. */
async function operate(page: Page, phone: boolean): Promise<void> {
  const clear = page.getByRole("button", { name: /^(?:Clear|刷屏)$/ });
  if (await clear.isVisible()) await clear.click();
  await page
    .getByRole("treeitem", { name: /Linux.Web/ })
    .locator("[data-chevron]")
    .click();
  await page.getByRole("treeitem", { level: 2 }).first().locator("[data-chevron]").click();
  await page.getByRole("treeitem", { level: 2 }).nth(1).locator("[data-box]").click();
  await page.getByRole("treeitem", { level: 3 }).nth(1).locator("[data-box]").click();
  await page.getByRole("treeitem", { level: 3 }).nth(2).locator("[data-box]").click();
  if (phone) return;
  await page.getByPlaceholder(/^(?:Choose a module|选择模块)/).click();
  await page.keyboard.type("1003");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await review(page, phone);
  await page.getByRole("dialog").locator("button[type=submit]").click();
  await page.getByText("stdout").first().waitFor();
}

async function review(page: Page, phone: boolean): Promise<void> {
  if (phone) await toTask(page);
  await page
    .getByRole("button", { name: /^(?:Review for|预览（)/ })
    .last()
    .click();
  await page.getByRole("dialog").locator("button[type=submit]").waitFor();
}

async function writeScript(page: Page, phone: boolean): Promise<void> {
  if (phone) await toTask(page);
  await page.getByRole("tab", { name: /^(?:Script|脚本)$/ }).click();
  await page
    .getByRole("textbox", { name: /^(?:Script|脚本)$/ })
    .fill(
      '# Free space of every local file system, fullest first.\nset -eu\nlimit=80\nfor mount in $(df -lP | awk \'NR > 1 { print $6 }\'); do\n  used=$(df -P "$mount" | awk \'NR == 2 { sub("%", "", $5); print $5 }\')\n  if [ "$used" -ge "$limit" ]; then\n    echo "$mount: $used %"\n  fi\ndone\n',
    );
  await page.locator("pre [data-kind=comment]").waitFor();
}

async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("option").first().waitFor();
}

async function compare(page: Page): Promise<void> {
  await page.getByRole("combobox").first().waitFor();
}

/** As the second person sees it, about to say yes. */
async function approve(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^(?:Approve|批准)/ }).click();
  await page.getByRole("dialog").locator("button[type=submit]").waitFor();
}

async function toTask(page: Page): Promise<void> {
  await page
    .getByText(/^(?:Task|任务)$/)
    .first()
    .click();
}
