import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Engine } from "../../src/contract/engine.ts";
import { reasonText } from "../../src/contract/reasons.ts";
import { capabilitiesOf } from "../../src/modules/engine-tasks.ts";
import { createSignInLink } from "../../src/web/http/sign-in-links.ts";
import { openBrowser, type TestBrowser } from "../testkit/browser.ts";
import { prefer, signIn } from "../testkit/console-page.ts";
import { type ConsoleProduct, mockHosts, startConsoleProduct } from "../testkit/console-product.ts";

// A browser on a busy machine: slow is not wrong.
vi.setConfig({ testTimeout: 120_000 });

const absent: Engine = {
  manifest: { id: "ansible", capabilities: capabilitiesOf("ansible") },
  probe: async () => ({
    usable: false,
    reason: reasonText("ansible_not_installed"),
    mend: reasonText("ansible_install"),
  }),
  // biome-ignore lint/correctness/useYield: nothing is run on it
  async *run() {
    throw new Error("nothing is run on it");
  },
  close: async () => {},
};

let browser: TestBrowser;
let product: ConsoleProduct;

beforeAll(async () => {
  product = await startConsoleProduct({
    hosts: mockHosts({ "Linux.Web/www": ["web", 12], "Linux.Web/bbs": ["bbs", 2] }),
    engines: [absent],
    engine: {
      behaviour: ({ name }) => {
        if (name === "web03") return { end: { kind: "unreachable" } };
        if (name === "web04") return { end: { kind: "exit", code: 5 }, stderr: "no such unit here at all\n" };
        if (name === "web05") return { end: { kind: "lost" } };
        if (name === "web06") return { end: { kind: "signal", signal: "KILL" } };
        return { stdout: "done\n" };
      },
    },
  });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await product?.[Symbol.asyncDispose]();
});

it("says in Chinese what is wrong with a query, and where", async () => {
  await using opened = await start("/");
  const { page } = opened;
  const query = page.getByRole("textbox", { name: "主机查询" });
  const said: readonly (readonly [query: string, answer: string])[] = [
    ["web01 & bbs01", "查询第 7 列：遇到“&”，此处应为“and”。"],
    ["web01 and", "查询第 10 列：遇到结尾，此处应为主机、分类、标签或“(”。"],
    ["web[01-", "查询第 4 列：这个“[”没有对应的“]”"],
    ["colour=red", "没有字段“colour”"],
    ["wbe01", "没有名为“wbe01”的主机或功能分类，是否想写 web01"],
    ["tag:absent", "没有带标签“absent”的主机"],
    ["10.1.0.0/40", "0 到 32 的前缀长度"],
  ];
  for (const [text, answer] of said) {
    await query.fill(text);
    await page.getByText(answer).first().waitFor();
    expect(await latinSentences(page), text).toEqual([]);
  }
});

it("says in Chinese why rows of an import, fields of a form and a manifest are refused", async () => {
  await using opened = await start("/inventory");
  const { page } = opened;
  await page.getByRole("button", { name: "导入主机" }).click();
  const dialog = page.getByRole("dialog");
  const rows = [
    "name,function_category,app_category,inner_address,port,engine",
    "-bad,Linux.New,first,10.2.0.3,22,mock",
    "imp01,Linux.New,first,10.2.0.4,seven,mock",
    "imp02,Linux.New,first,not an address,22,mock",
    "imp03,Linux.New",
    "imp04,,,10.2.0.5,22,mock",
    'imp05,"Linux.New,first,10.2.0.6,22,mock',
  ];
  await dialog.getByRole("textbox", { name: "要导入的文本" }).fill(rows.join("\n"));
  await dialog.getByRole("button", { name: "预览导入结果" }).click();
  await dialog.getByText("port：必须是 1 到 65535 的数字，而不是“seven”").waitFor();
  await dialog.getByText("引号没有闭合").waitFor();
  await dialog.getByText("此行有 2 个单元格，首行有 6 个。").waitFor();
  expect(await latinSentences(page)).toEqual([]);
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "添加主机", exact: true }).click();
  await dialog.getByRole("textbox", { name: "名称" }).fill("-wrong");
  await dialog.getByRole("combobox", { name: "分类" }).click();
  await page.getByRole("option", { name: "Linux.Web/www" }).click();
  await dialog.getByRole("button", { name: "添加主机" }).click();
  await dialog.getByText(/必须以字母或数字开头/).waitFor();
  await dialog.getByRole("textbox", { name: "名称" }).fill("web01");
  await dialog.getByRole("button", { name: "添加主机" }).click();
  await dialog
    .getByText(/已被占用/)
    .first()
    .waitFor();
  expect(await latinSentences(page)).toEqual([]);

  await page.goto(`${product.url}/modules/new`);
  const editor = page.getByRole("textbox", { name: /模块清单/ });
  await editor.fill("key: Bad Key\nname: {zh: 坏}\ndanger: risky\nrun: {all: {kind: command, argv: [7]}}\nstray: 1\n");
  await page.getByText("必须是 read、change 或 destructive").waitFor();
  await page.getByText(/必须以小写字母开头/).waitFor();
  await page.getByText("stray：此处不认识该项").waitFor();
  expect(await latinSentences(page)).toEqual([]);
  await editor.fill("key: a\nkey: b\n  bad: [");
  await page
    .getByText(/缩进与上面的行不一致|键重复|缺少引号、括号、逗号或冒号/)
    .first()
    .waitFor();
  expect(await latinSentences(page)).toEqual([]);
});

it("says in Chinese how hosts ended, what engines lack, and what the audit holds", async () => {
  await using opened = await start("/");
  const { page } = opened;
  const body = { command: ["true"], query: "Linux.Web/" };
  const { id } = await product.client.call("POST /runs", { body });
  await (await product.client.call("GET /runs/:id/live", { params: { id } })).text();
  await page.goto(`${product.url}/runs/${id}`);
  await page.getByText("没有应答。").first().waitFor();
  await page.getByText("命令运行期间与").first().waitFor();
  expect(await latinSentences(page)).toEqual([]);

  await page.goto(`${product.url}/controllers`);
  await page.getByRole("row").filter({ hasText: "main" }).first().click();
  await page.getByText("主控端没有安装 Ansible：PATH 中没有 ansible-playbook。").waitFor();
  expect(await latinSentences(page)).toEqual([]);

  await page.goto(`${product.url}/audit`);
  await page.getByText("发起运行").first().waitFor();
  await page.getByText("导入主机").first().waitFor();
  await page
    .getByText(/14 台主机：/)
    .first()
    .waitFor();
  expect(await latinSentences(page)).toEqual([]);
});

it("says in Chinese what is not permitted, what is not there, and that nothing answers", async () => {
  const scope = { everything: true, functionCategories: [], appCategories: [] };
  const { store, url } = product.running;
  const viewer = await store.users.create({ name: "vera", role: "viewer", scope, passwordHash: "" });
  const opened = await browser.open();
  const { page, context } = opened;
  await prefer(page, "light", "zh");
  await page.goto((await createSignInLink(store, viewer.id, url)).url);
  await page.waitForURL(`${url}/`);

  await page.goto(`${url}/users`);
  await page
    .getByText(/此操作需要权限“users\.\w+”，“vera”没有此权限/)
    .first()
    .waitFor();
  expect(await latinSentences(page)).toEqual([]);

  await page.goto(`${url}/runs/9999`);
  await page.getByText("没有运行 9999。").first().waitFor();
  expect(await latinSentences(page)).toEqual([]);

  await page.goto(`${url}/runs`);
  await page.getByRole("link", { name: "资产" }).waitFor();
  await page.route("**/api/v1/hosts**", (route) => route.abort("connectionfailed"));
  await page.getByRole("link", { name: "资产" }).click();
  await page
    .getByText(/OMServer 在 .* 没有响应/)
    .first()
    .waitFor();
  expect(await latinSentences(page)).toEqual([]);
  await context.close();
});

/** What a reader of Chinese cannot read: three Latin words in a row, outside of what hosts printed, what was typed, and code. */
async function latinSentences(page: Page): Promise<readonly string[]> {
  const found = await page.evaluate(`(() => {
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      if (element === null || element.closest("code, pre, textarea, input, script, style, kbd, [role=group][aria-label^=std]")) continue;
      if (element.getClientRects().length > 0) texts.push(node.textContent ?? "");
    }
    return texts;
  })()`);
  const sentence = /[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}/;
  return (found as string[]).filter((text) => sentence.test(text.replace(/“[^”]*”|apt-get install [\w-]+/g, "")));
}

async function start(path: string) {
  const opened = await browser.open();
  await prefer(opened.page, "light", "zh");
  await signIn(opened.page, product);
  await opened.page.goto(product.url + path);
  return { ...opened, [Symbol.asyncDispose]: () => opened.context.close() };
}
