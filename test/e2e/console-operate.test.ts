import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createSaltEngine } from "../../src/engines/salt/salt-engine.ts";
import { saltSettings } from "../../src/engines/salt/settings.ts";
import { openBrowser, type TestBrowser, type TestPage } from "../testkit/browser.ts";
import { prefer, signIn } from "../testkit/console-page.ts";
import { type ConsoleProduct, mockHosts, startConsoleProduct } from "../testkit/console-product.ts";

// A browser on a busy machine: slow is not wrong.
vi.setConfig({ testTimeout: 180_000 });

let browser: TestBrowser;
let product: ConsoleProduct;
let riskyId: number;

const risky = `
key: wipe-cache
name: {zh: 清空缓存, en: Wipe the cache}
description: {zh: 删除缓存目录, en: Deletes the cache folder}
danger: destructive
parameters:
  type: object
  required: [token]
  properties:
    token: {type: string, format: password, title: Token}
    depth: {type: integer, title: Depth, default: 1}
run:
  all:
    kind: script
    interpreter: [/bin/sh]
    script: echo done
`;

beforeAll(async () => {
  product = await startConsoleProduct({
    hosts: mockHosts({ "Linux.Web/www": ["web", 60], "Linux.Mysql/shop": ["db", 3] }),
    // Nobody answers there.
    engines: [
      createSaltEngine(saltSettings.parse({ url: "https://127.0.0.1:1", user: "om", passwordFile: "/dev/null" })),
    ],
  });
  riskyId = (await product.client.call("POST /modules", { body: { source: risky } })).id;
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await product?.[Symbol.asyncDispose]();
});

it("finds modules in Chinese, by pinyin initials and in English from every scene, and leads to scenes", async () => {
  await using opened = await start();
  const { page, complaints } = opened;
  const search = page.getByRole("combobox", { name: /^Module or page/ });
  const options = page.getByRole("option");

  await page.goto(`${product.url}/runs`);
  await page.getByRole("heading", { name: "Runs" }).waitFor();
  for (const [typed, found] of [
    ["重启", "Restart a service"],
    ["cqjcfw", "Restart a service"],
    ["recent log", "View recent logins"],
    ["1004", "View kernel modules"],
    ["zcjl", undefined],
    ["yxjl", "Runs"],
  ] as const) {
    await page.keyboard.press("Control+k");
    await search.fill(typed);
    if (found === undefined) await page.getByText(`Nothing is called “${typed}”`).waitFor();
    else await expect.poll(() => options.first().innerText()).toContain(found);
    await page.keyboard.press("Escape");
    await search.waitFor({ state: "detached" });
  }
  await page.keyboard.press("Control+k");
  expect(await violations(page)).toEqual([]);
  await search.fill("inven");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/inventory/);
  await page.keyboard.press("Control+k");
  await search.fill("cqjcfw");
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: "Service" }).waitFor();
  await page.waitForURL(/\/\?module=1007/);

  await page.keyboard.press("Control+k");
  expect(await page.getByRole("group", { name: "Used lately" }).getByRole("option").first().innerText()).toContain(
    "Restart a service",
  );
  await page.keyboard.press("ArrowUp");
  expect(await page.getByRole("option", { selected: true }).innerText()).toContain("Password and tokens");
  expect(complaints).toEqual([]);
});

it("takes the first module that is found when Enter follows what was typed", async () => {
  await using opened = await start();
  const { page } = opened;
  await page.goto(`${product.url}/`);

  await page.getByRole("combobox", { name: "Module" }).focus();
  await page.keyboard.type("1004");
  await page.getByRole("option", { selected: false }).first().waitFor();
  expect((await new AxeBuilder({ page }).withRules("color-contrast").analyze()).violations).toEqual([]);
  await page.keyboard.press("Enter");

  await page.waitForURL(/\?module=1004/);
  expect(await page.getByRole("combobox", { name: "Module" }).inputValue()).toBe("1004 View kernel modules");
});

it("takes the first module that is found however quickly it is typed after the list was opened", async () => {
  await using opened = await start();
  const { page } = opened;
  await page.goto(`${product.url}/`);
  const module = page.getByRole("combobox", { name: "Module" });
  await module.focus();
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("Tab");
  await page.getByRole("option").first().waitFor({ state: "detached" });

  // Quicker than any timer of the page.
  await page.evaluate(
    `document.querySelector('input[aria-label="Module"]').focus(); document.execCommand("insertText", false, "1004")`,
  );
  await page.getByRole("option", { name: "View kernel modules" }).waitFor();
  await page.keyboard.press("Enter");

  await page.waitForURL(/\?module=1004/);
});

it("takes the first module that is found though it was typed before the modules were there", async () => {
  await using opened = await start();
  const { page } = opened;
  const { promise: typed, resolve: go } = Promise.withResolvers<void>();
  await page.route("**/api/v1/modules", async (route) => {
    await typed;
    await route.continue();
  });
  await page.goto(`${product.url}/`);

  await page.getByRole("combobox", { name: "Module" }).focus();
  await page.keyboard.type("1004");
  go();
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");

  await page.waitForURL(/\?module=1004/);
});

it("takes what is typed before the palette is there for what is looked for", async () => {
  await using opened = await start();
  const { page, complaints } = opened;
  await page.goto(`${product.url}/runs`);
  await page.getByRole("heading", { name: "Runs" }).waitFor();

  await page.keyboard.press("Control+k");
  await page.keyboard.type("zgxx");
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Backspace");
  const search = page.getByRole("combobox", { name: /^Module or page/ });
  await search.waitFor();
  expect(await search.inputValue()).toBe("zg");
  await expect.poll(() => page.evaluate("document.activeElement.getAttribute('role')")).toBe("combobox");
  await page.keyboard.type("xx");
  expect(await search.inputValue()).toBe("zgxx");
  await page.keyboard.press("Escape");
  await search.waitFor({ state: "detached" });
  await page.keyboard.press("Control+k");
  await search.waitFor();
  expect(await search.inputValue()).toBe("");
  expect(complaints).toEqual([]);
});

it("puts the cursor where it is needed next: into the field that is wrong, then where the number is to be typed", async () => {
  await using opened = await start();
  const { page } = opened;
  const focused = () => page.evaluate("document.activeElement.labels?.[0]?.innerText ?? ''");
  await page.goto(`${product.url}/?query=web*&module=wipe-cache`);
  await page.getByRole("textbox", { name: "Token" }).waitFor();

  await page.getByRole("button", { name: "Review for 60 hosts" }).click();
  await expect.poll(focused).toContain("Token");
  await page.keyboard.type("secret");
  await page.getByRole("button", { name: "Review for 60 hosts" }).click();
  await page.getByRole("dialog").getByText("This can destroy something.").waitFor();
  await expect.poll(focused).toContain("Type 60");
});

it("takes hosts and module from the address, and keeps the address with what is chosen", async () => {
  await using opened = await start();
  const { page } = opened;

  await page.goto(`${product.url}/?query=db*&module=restart-service`);
  await page.getByRole("button", { name: "Review for 3 hosts" }).waitFor();
  await page.getByRole("textbox", { name: "Service" }).waitFor();
  expect(await page.getByRole("textbox", { name: "Host query" }).inputValue()).toBe("db*");

  await page.getByRole("textbox", { name: "Host query" }).fill("db01");
  await page.waitForURL(/query=db01&module=1007/);
  await page.getByRole("link", { name: "Runs" }).click();
  await page.getByRole("link", { name: "Operate" }).click();
  await page.waitForURL(/query=db01&module=1007/);
  await page.reload();
  await page.getByRole("button", { name: "Review for 1 host" }).waitFor();
  await page.getByRole("textbox", { name: "Service" }).waitFor();
});

it("fills the form as it last ran, without its secrets, for this user alone", async () => {
  await using opened = await start();
  const { page } = opened;
  await page.goto(`${product.url}/?query=db01&module=${riskyId}`);
  await page.getByRole("textbox", { name: "Depth" }).fill("4");
  await page.locator("input[type=password]").fill("canary-5521");
  await page.getByRole("button", { name: "Review for 1 host" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/Type 1 to confirm/).fill("1");
  await dialog.getByRole("button", { name: "Wipe the cache on 1 host" }).click();
  await page.getByText("succeeded", { exact: true }).waitFor();

  await page.reload();

  await page.getByText("Filled in as you last ran it.").waitFor();
  expect(await page.getByRole("textbox", { name: "Depth" }).inputValue()).toBe("4");
  expect(await page.locator("input[type=password]").inputValue()).toBe("");
  expect(await page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")).not.toContain("canary-5521");
  await page.getByRole("button", { name: "Use the defaults" }).click();
  expect(await page.getByRole("textbox", { name: "Depth" }).inputValue()).toBe("1");

  await product.client.call("POST /users", {
    body: { name: "noor", role: "operator", password: "correct horse battery" },
  });
  await page.getByRole("button", { name: /^ada: / }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in/);
  await page.goto(`${product.url}/sign-in?to=${encodeURIComponent(`/?query=db01&module=${riskyId}`)}`);
  await page.getByLabel("Name").fill("noor");
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("textbox", { name: "Depth" }).waitFor();
  expect(await page.getByRole("textbox", { name: "Depth" }).inputValue()).toBe("1");
});

it("colours a script by its interpreter, keeps it byte for byte, and tells beforehand what it may do and how it goes", async () => {
  await using opened = await start();
  const { page, complaints } = opened;
  const script = '# look\nfor f in "$@"; do\n\techo  中文 😀 "$f"\ndone\n';
  await page.goto(`${product.url}/?query=web*`);
  await page.getByRole("tab", { name: "Script" }).click();
  const editor = page.getByRole("textbox", { name: "Script" });

  await editor.fill(script);
  await page.locator("pre [data-kind=comment]").waitFor();
  expect(await page.locator("pre[aria-hidden]").textContent()).toBe(`${script}\n`);
  expect(await page.locator("pre [data-kind=keyword]").first().innerText()).toBe("for");
  await page.getByLabel("Interpreter").first().fill("/opt/unknown");
  await page.locator("pre [data-kind]").first().waitFor({ state: "detached" });
  await page.getByLabel("Interpreter").first().fill("/bin/bash");
  await page.keyboard.press("Escape");
  await page.locator("pre [data-kind=comment]").waitFor();
  expect(await violations(page)).toEqual([]);

  await page.getByRole("button", { name: "Options" }).click();
  await page.getByLabel("Wave").fill("20");
  await page.getByLabel("Failures allowed").fill("5");
  await page.getByRole("button", { name: "Review for 60 hosts" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Whatever the account may: nobody has said what a task typed for once does.").waitFor();
  await dialog
    .getByText("20 hosts at once · 3 waves · no more hosts begin after 5 failures · each at most 5 min 00 s")
    .waitFor();
  await dialog.getByText(/echo {2}中文 😀/).waitFor();
  expect(await dialog.getByRole("button", { name: "Run the script on 60 hosts" }).isDisabled()).toBe(true);
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

it("says before the start where nothing will run because the engine cannot be used, why, and the mend", async () => {
  const saltOnly = [
    "name,function_category,app_category,engine",
    "salty01,Linux.Salt,x,salt",
    "salty02,Linux.Salt,x,salt",
  ];
  const body = { format: "csv", text: saltOnly.join("\n"), preview: false, category: "" } as const;
  await product.client.call("POST /hosts/import", { body });
  await using opened = await start();
  const { page, complaints } = opened;

  await page.goto(`${product.url}/?query=${encodeURIComponent("salty*,db01")}&module=restart-service`);
  await page.getByRole("textbox", { name: "Service" }).fill("nginx");
  await page.getByRole("button", { name: "Review for 3 hosts" }).click();
  const dialog = page.getByRole("dialog");
  const told = dialog.getByRole("region", { name: "2 hosts where nothing will run" });
  const text = await told.innerText();

  expect(text).toContain("salt × 2");
  expect(text).toContain("salty[01-02]");
  expect(text).toContain("salt-api at https://127.0.0.1:1 cannot be reached");
  expect(text).toContain("See that salt-api runs there");
  expect(await dialog.getByRole("button", { name: "Restart a service on 3 hosts" }).isEnabled()).toBe(true);
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);

  await using chinese = await browserOn({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await prefer(chinese.page, "dark", "zh");
  await signIn(chinese.page, product);
  await chinese.page.goto(`${product.url}/?query=salty01&module=restart-service`);
  await chinese.page.getByRole("textbox", { name: "服务" }).fill("nginx");
  await chinese.page.getByRole("button", { name: /1 台主机/ }).click();
  const alsoTold = chinese.page.getByRole("dialog").getByRole("region", { name: "1 台主机不会执行" });
  expect(await alsoTold.innerText()).toMatch(/salt × 1\s+salty01\s+\p{Script=Han}/u);
  expect(await alsoTold.innerText()).not.toContain("cannot be reached");
  expect(await violations(chinese.page)).toEqual([]);
  expect(await chinese.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(true);
});

it("shows nothing of engines where every host's can be used", async () => {
  await using opened = await start();
  const { page } = opened;

  await page.goto(`${product.url}/?query=db01&module=restart-service`);
  await page.getByRole("textbox", { name: "Service" }).fill("nginx");
  await page.getByRole("button", { name: "Review for 1 host" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Restart a service on 1 host" }).waitFor();

  expect(await page.getByRole("dialog").getByText("nothing will run").count()).toBe(0);
});

it("opens the palette on a phone from the menu, in Chinese and in the dark", async () => {
  await using opened = await browserOn({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const { page, complaints } = opened;
  await prefer(page, "dark", "zh");
  await signIn(page, product);

  await page.getByRole("button", { name: "更多" }).tap();
  await page.getByRole("menuitem", { name: "查找模块或页面" }).tap();
  await page.getByRole("combobox", { name: /^模块或页面/ }).fill("xtrz");
  await page.getByRole("option", { name: /查看系统日志/ }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("option", { name: /查看系统日志/ }).tap();

  await page.getByRole("textbox", { name: "行数" }).waitFor();
  expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(true);
  expect(complaints).toEqual([]);
});

async function start(): Promise<TestPage & AsyncDisposable> {
  const opened = await browserOn({});
  await signIn(opened.page, product);
  return opened;
}

async function browserOn(options: Parameters<TestBrowser["open"]>[0]): Promise<TestPage & AsyncDisposable> {
  const opened = await browser.open(options);
  return { ...opened, [Symbol.asyncDispose]: () => opened.context.close() };
}

async function violations(page: Page): Promise<readonly unknown[]> {
  const found = await new AxeBuilder({ page }).analyze();
  return found.violations.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 3).map(({ html }) => html) }));
}
