import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Download, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { openBrowser, type TestBrowser } from "../testkit/browser.ts";
import { prefer, signIn } from "../testkit/console-page.ts";
import { type ConsoleProduct, mockHosts, startConsoleProduct } from "../testkit/console-product.ts";

// A browser on a busy machine: slow is not wrong.
vi.setConfig({ testTimeout: 180_000 });

let browser: TestBrowser;
let product: ConsoleProduct;
const folder = mkdtempSync(join(tmpdir(), "omserver-console-audit-"));

beforeAll(async () => {
  product = await startConsoleProduct({ hosts: mockHosts({ "Linux.Web/www": ["web", 3] }) });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await product?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

it("shows what is typed in a host's bash by the script that its page gives, live, by the hour, and exports it", async () => {
  const { page, complaints } = await browser.open();
  // As over plain http from another machine, where a browser has no clipboard to write to.
  await page.addInitScript("Object.defineProperty(globalThis, 'isSecureContext', { value: false })");
  await page.addInitScript("document.addEventListener('copy', () => { globalThis.copied = String(getSelection()) })");
  await signIn(page, product);
  await page.goto(`${product.url}/inventory/hosts/1`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Report shell commands" }).click();
  await page.getByRole("button", { name: "Make the script for web01" }).click();
  const script = await page.getByRole("textbox", { name: "Report shell commands" }).inputValue();
  await page.getByRole("button", { name: "Copy the script" }).click();
  await page.getByText("Copied").waitFor();
  expect(await page.evaluate("globalThis.copied")).toBe(script);
  await page.keyboard.press("Escape");

  await page.goto(`${product.url}/audit/shell?query=web01`);
  await page.getByText("No command fits").waitFor();
  const terminal = bash(script);
  terminal.type("echo first '<b>你好</b>'");
  await page.getByText("echo first '<b>你好</b>'").waitFor();
  terminal.type("echo second");
  await page.getByRole("row").nth(1).getByText("echo second").waitFor();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  const chart = page.getByRole("figure", { name: "Commands by hour, last 24 hours" });
  await page.getByLabel("Text in the command").fill("first");
  await chart.getByText("1 command in the last 24 hours").waitFor();
  await chart.getByRole("button", { name: /: 1 command$/ }).click();
  await chart.getByText(/^only /).waitFor();
  await page.getByText("echo second").waitFor({ state: "detached" });
  const saved = await exported(page, "JSON lines, with everything");
  expect(saved.suggestedFilename()).toBe("shell-commands.jsonl");
  const commands = readFileSync(await saved.path(), "utf8")
    .trim()
    .split("\n");
  expect(commands.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ command: "echo first '<b>你好</b>'" }]);
  await chart.getByRole("button", { name: "Show all hours" }).click();
  await chart.getByText(/^only /).waitFor({ state: "detached" });
  await terminal.end();
  expect(complaints).toEqual([]);
});

it("counts actions by the hour, narrows them by keyboard, and exports what the filters leave", async () => {
  const longAgo = Date.now() - 30 * 86_400_000;
  const { audit } = product.running.store;
  const old = { at: longAgo, actor: "ada", source: "cli", action: "host.delete", hosts: "1 host: gone01", detail: {} };
  await audit.append({ ...old, action: "host.delete", object: "hosts" });
  const { page, complaints } = await browser.open();
  await prefer(page, "dark", "zh");
  await signIn(page, product);
  await page.goto(`${product.url}/audit`);
  const table = page.getByRole("group", { name: "审计" });
  const chart = page.getByRole("figure", { name: "最近 24 小时每小时的操作数" });
  await table.getByText("删除主机").waitFor();

  await chart
    .getByRole("button", { name: /次操作/, disabled: false })
    .last()
    .focus();
  await page.keyboard.press("Enter");
  await table.getByText("删除主机").waitFor({ state: "detached" });
  expect(page.url()).toMatch(/hour=\d+/);
  await page.keyboard.press("Enter");
  await table.getByText("删除主机").waitFor();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  await page.getByRole("combobox", { name: "动作" }).fill("删除主机");
  await page.getByRole("option", { name: "删除主机", exact: true }).click();
  await expect.poll(() => table.getByRole("row").count()).toBe(2);
  const csv = await exported(page, "CSV（供表格软件使用）", "导出");
  expect(csv.suggestedFilename()).toBe("audit.csv");
  const lines = readFileSync(await csv.path(), "utf8")
    .trim()
    .split("\r\n");
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain(`${new Date(longAgo).toISOString()},ada,cli,host.delete,hosts,1 host: gone01`);
  expect(complaints).toEqual([]);
});

async function exported(page: Page, format: string, button = "Export"): Promise<Download> {
  await page.getByRole("button", { name: button }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: format }).click(),
  ]);
  return download;
}

/** An interactive bash that has read the script at its start, as after a login. */
function bash(script: string) {
  const file = join(folder, "omserver-report.sh");
  writeFileSync(file, script);
  const child = spawn("bash", ["--norc", "-i"], {
    stdio: ["pipe", "ignore", "ignore"],
    env: { PATH: process.env.PATH ?? "", HOME: folder, LOGNAME: "ops" },
    detached: true,
  });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  child.stdin.write(`. ${file}\n`);
  return {
    type: (line: string) => child.stdin.write(`${line}\n`),
    async end() {
      child.stdin.end("exit\n");
      await ended;
    },
  };
}
