import { AxeBuilder } from "@axe-core/playwright";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createLocalEngine } from "../../src/engines/local/local-engine.ts";
import { createSshEngine } from "../../src/engines/ssh/ssh-engine.ts";
import { openBrowser, type TestBrowser, type TestPage } from "../testkit/browser.ts";
import { prefer, pressEnter } from "../testkit/console-page.ts";
import { type ConsoleProduct, startConsoleProduct } from "../testkit/console-product.ts";
import { type Sshd, startSshd } from "../testkit/sshd.ts";

// A browser on a busy machine: slow is not wrong.
vi.setConfig({ testTimeout: 180_000 });

let browser: TestBrowser;
let sshd: Sshd;

beforeAll(async () => {
  sshd = await startSshd();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await sshd?.stop();
});

it("leads from an empty product to a first successful run on a real SSH server in under three minutes", async () => {
  await using fresh = await empty();
  const { page, complaints } = fresh;
  const began = performance.now();
  await makeAdministrator(page, fresh.product, { name: "Name", password: "New password", again: "New password again" });

  await page.getByRole("textbox", { name: "Name" }).fill("-wrong");
  await page.getByRole("button", { name: "Add -wrong" }).click();
  await page.getByText(/must begin with a letter or digit/).waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("textbox", { name: "Name" }).fill("web01");
  await page.getByRole("textbox", { name: "Address" }).fill(sshd.address(0));
  await page.getByRole("textbox", { name: "Port" }).fill(String(sshd.port));
  await page.getByRole("button", { name: "Add web01" }).click();

  await page.getByRole("textbox", { name: "User", exact: true }).fill(sshd.user);
  await page.getByRole("textbox", { name: /^Private key/ }).fill(sshd.privateKey);
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("button", { name: "Save the way in" }).click();

  await page.getByRole("button", { name: "Connect to 1 host" }).click();
  await page.getByText(/showed a host key that is not known here/).waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.getByText("Trust at first sight", { exact: true }).click();
  await page.getByRole("button", { name: "Connect to 1 host" }).click();
  await page.getByRole("button", { name: "Go on with 1 host" }).click();

  await page.getByRole("button", { name: "Review for 1 host" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "View the OS version on 1 host" }).click();
  await page.getByText("It works").waitFor();
  expect((performance.now() - began) / 1000).toBeLessThan(180);
  await expect.poll(() => page.getByRole("article").first().innerText()).toMatch(/web01[\s\S]*Linux/);
  expect(await barriers(page)).toEqual([]);

  await page.getByRole("main").getByRole("link", { name: "Go to Operate" }).click();
  await page.getByRole("treeitem", { name: "Servers" }).waitFor();
  expect(await page.getByRole("textbox", { name: "Host query" }).inputValue()).toBe("web01");
  const records = await fresh.audit();
  expect(records).toContain("accept_new");
  expect(records).not.toContain("PRIVATE KEY");
  expect(complaints).toEqual([]);
});

it("takes the hosts of an ssh_config on a phone, in Chinese and in the dark", async () => {
  await using fresh = await empty({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const { page, complaints } = fresh;
  await prefer(page, "dark", "zh");
  await makeAdministrator(page, fresh.product, { name: "用户名", password: "新密码", again: "再输一次新密码" });

  await page.getByText("粘贴 ssh_config", { exact: true }).tap();
  const host = (name: string, number: number) =>
    `Host ${name}\n  HostName ${sshd.address(number)}\n  Port ${sshd.port}\n  User ${sshd.user}\n`;
  await page
    .getByRole("textbox", { name: "粘贴 ssh_config" })
    .fill(`${host("db01", 1)}${host("db02", 2)}Host *.example.com\n  User x\n`);
  await page.getByRole("button", { name: "查看内容" }).tap();
  await page.getByText("将新增或修改 2 台主机：").waitFor();
  await page.getByText("有 1 行不会导入：").waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("button", { name: "添加 2 台主机" }).tap();

  await page.getByText("主控端上的密钥文件", { exact: true }).tap();
  await page.getByRole("textbox", { name: "密钥路径" }).fill(sshd.keyFile);
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("button", { name: "保存登录方式" }).tap();
  // Hosts are met by the policy that was chosen, also where saving it takes its time.
  await page.route("**/api/v1/settings", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await route.continue();
  });
  await page.getByText("首次见到时信任", { exact: true }).tap();
  await page.getByRole("button", { name: "连接 2 台主机" }).tap();
  await page.getByRole("button", { name: "用这 2 台主机继续" }).tap();
  await page.getByRole("button", { name: "预览（2 台主机）" }).tap();
  await page.getByRole("dialog").locator("button[type=submit]").tap();

  await page.getByText("成功了").waitFor();
  expect(await barriers(page)).toEqual([]);
  expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(true);
  expect(complaints).toEqual([]);
});

it("can begin with the controller's own machine, by keyboard, and goes on after a reload with what is there", async () => {
  await using fresh = await empty();
  const { page } = fresh;
  await makeAdministrator(page, fresh.product, { name: "Name", password: "New password", again: "New password again" });

  await page.getByRole("radio", { name: "Add one by hand" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await pressEnter(page.getByRole("button", { name: "Take the machine of main" }));
  await page.getByRole("button", { name: "Connect to 1 host" }).waitFor();
  await page.reload();
  await page.getByText("1 host is in the inventory already.").waitFor();
  await pressEnter(page.getByRole("button", { name: "Go on with 1 host" }));
  await pressEnter(page.getByRole("button", { name: "Connect to 1 host" }));
  await pressEnter(page.getByRole("button", { name: "Go on with 1 host" }));
  await pressEnter(page.getByRole("button", { name: "Review for 1 host" }));
  await pressEnter(page.getByRole("dialog").getByRole("button", { name: /on 1 host$/ }));

  await page.getByText("It works").waitFor();
});

it("can begin with a demo fleet, and takes it away again with all that belongs to it", async () => {
  await using fresh = await empty();
  const { page, complaints } = fresh;
  await makeAdministrator(page, fresh.product, { name: "Name", password: "New password", again: "New password again" });

  await page.getByText("Demo fleet", { exact: true }).click();
  await page.getByRole("button", { name: "Start the demo fleet" }).click();
  await page.getByRole("button", { name: "Connect to 10 hosts" }).click();
  await page.getByRole("button", { name: "Go on with 10 hosts" }).click();
  await page.getByRole("button", { name: "Review for 10 hosts" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /on 10 hosts$/ })
    .click();
  await page.getByText("It works").waitFor();
  await expect.poll(() => page.getByRole("article").first().innerText()).toMatch(/10 hosts[\s\S]*Linux/);
  expect(await barriers(page)).toEqual([]);

  await page.goto(`${fresh.product.url}/settings`);
  await page.getByRole("button", { name: "Take the demo fleet away" }).click();
  await page.getByRole("button", { name: "Take 24 demo hosts away" }).click();
  await page.getByText("The demo fleet is gone.").waitFor();
  await page.goto(`${fresh.product.url}/set-up`);
  await page.getByText("A host to begin with").waitFor();
  expect(await page.getByText(/in the inventory already/).count()).toBe(0);
  const records = await fresh.audit();
  expect(records).toContain("demo_fleet.start");
  expect(records).toContain("demo_fleet.stop");
  expect(records).not.toContain("PRIVATE KEY");
  expect(complaints).toEqual([]);
});

interface Fresh extends TestPage, AsyncDisposable {
  readonly product: ConsoleProduct;
  /** The audit as the API gives it. */
  audit(): Promise<string>;
}

async function empty(options: BrowserContextOptions = {}): Promise<Fresh> {
  const product = await startConsoleProduct({
    withoutUsers: true,
    engines: [createSshEngine(), createLocalEngine()],
  });
  const opened = await browser.open(options);
  return {
    ...opened,
    product,
    async audit() {
      return String(await opened.page.evaluate("fetch('/api/v1/audit').then((answer) => answer.text())"));
    },
    async [Symbol.asyncDispose]() {
      await opened.context.close();
      await product[Symbol.asyncDispose]();
    },
  };
}

async function makeAdministrator(
  page: Page,
  product: ConsoleProduct,
  labels: { readonly name: string; readonly password: string; readonly again: string },
): Promise<void> {
  await page.goto((await product.running.setupLink()) ?? "");
  await page.getByLabel(labels.name).fill("grace");
  await page.getByLabel(labels.password, { exact: true }).fill("correct horse battery");
  await page.getByLabel(labels.again).fill("correct horse battery");
  await page.locator("button[type=submit]").click();
  await page.waitForURL(`${product.url}/set-up`);
  await page.getByRole("heading", { level: 1, name: /^(?:Set up|初次设置)$/ }).waitFor();
}

async function barriers(page: Page): Promise<readonly unknown[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 3).map(({ html }) => html) }));
}
