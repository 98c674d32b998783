import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { openBrowser, type TestBrowser, type TestPage } from "../testkit/browser.ts";
import { signIn } from "../testkit/console-page.ts";
import { type ConsoleProduct, mockHosts, startConsoleProduct } from "../testkit/console-product.ts";

// A browser on a busy machine: slow is not wrong.
vi.setConfig({ testTimeout: 180_000 });

const manifest = `key: greet
name: {zh: 问候, en: Greet}
description: {zh: 打印一行文字。, en: Prints a line.}
danger: read
parameters:
  type: object
  required: [word]
  properties:
    word: {type: string, title: Word, maxLength: 40}
run:
  all: {kind: command, argv: [mock, {parameter: word}]}
`;

let browser: TestBrowser;
let product: ConsoleProduct;
let moduleId: number;

beforeAll(async () => {
  product = await startConsoleProduct({ hosts: mockHosts({ "Linux.Web/www": ["web", 30] }) });
  moduleId = (await product.client.call("POST /modules", { body: { source: manifest } })).id;
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await product?.[Symbol.asyncDispose]();
});

it("begins a module of one's own with a copy of one that is there", async () => {
  const { page, complaints } = await browser.open();
  await signIn(page, product);
  await page.goto(`${product.url}/modules/1007`);
  await page.getByRole("link", { name: "Make a copy" }).click();
  const editor = page.getByRole("textbox", { name: "Manifest" });

  await page.getByRole("heading", { name: "Add a module" }).waitFor();
  expect(await editor.inputValue()).toMatch(/^key: restart-service-copy\n/);
  await page.getByRole("button", { name: "Add the module" }).click();
  await page.getByRole("heading", { level: 1, name: "Restart a service" }).waitFor();

  const { modules } = await product.client.call("GET /modules", {});
  expect(modules.find(({ key }) => key === "restart-service-copy")).toMatchObject({ builtIn: false, version: 1 });
  expect(complaints).toEqual([]);
});

it("tries on one host what stands in the editor, after showing what would run, and shows the answer there", async () => {
  await using opened = await start(`/modules/${moduleId}`);
  const { page, complaints } = opened;
  const host = page.getByRole("combobox", { name: "Name of a host" });

  await host.fill("web1");
  await page.getByRole("option", { name: "web17", exact: true }).click();
  await page.getByRole("button", { name: "Look what would run" }).click();
  await page
    .getByText("Fill this in")
    .or(page.getByText(/required/i))
    .first()
    .waitFor();
  await page.getByRole("textbox", { name: "Word" }).fill("stdout=hello there");
  const text = page.getByRole("textbox", { name: "Manifest", exact: true });
  await text.fill((await text.inputValue()).replace("en: Greet", "en: Greet loudly"));
  await page.getByText("not saved").waitFor();
  await page.getByRole("button", { name: "Look what would run" }).click();
  await page.getByRole("dialog").getByText("hello there").waitFor();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /on 1 host/ })
    .click();
  const answer = page.getByRole("region", { name: "The host's answer" });
  await answer.getByText("hello there").waitFor();
  await answer.getByText("ok", { exact: true }).waitFor();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  expect(complaints).toEqual([]);

  const { rows } = await product.client.call("GET /runs", { query: {} });
  expect(rows[0]).toMatchObject({ moduleId: 0, moduleName: { en: "Greet loudly (draft)" }, hostCount: 1 });
  const audit = await product.client.call("GET /audit", { query: { action: "run.start" } });
  expect(audit.rows[0]).toMatchObject({ hosts: "1 host: web17" });
  expect(String(audit.rows[0]?.detail.draft)).toContain("Greet loudly");
  expect((await product.client.call("GET /modules/:id", { params: { id: moduleId } })).version).toBe(1);
});

it("finds modules in Chinese, by pinyin initials and in English, whichever language is shown", async () => {
  await using opened = await start("/modules");
  const { page } = opened;
  const search = page.getByRole("textbox", { name: "Find a module" });

  for (const [words, found] of [
    ["问候", "Greet"],
    ["cqjcfw", "Restart a service"],
    ["wh", "Greet"],
    ["SYSTEM log", "View the system log"],
    ["greet", "Greet"],
  ] as const) {
    await search.fill(words);
    await expect.poll(() => page.getByRole("row").nth(1).textContent(), { timeout: 10_000 }).toContain(found);
  }
  await search.fill("nowhere-to-be-found");
  await page.getByText("No module fits").waitFor();
});

it("colours a manifest and the scripts in it, and leaves the text as it is", async () => {
  await using opened = await start("/modules/1001");
  const { page, complaints } = opened;
  const colours = page.locator("pre[aria-hidden=true]").first();

  await colours.locator("[data-kind=keyword]", { hasText: /^if$/ }).first().waitFor();
  await colours.locator("[data-kind=keyword]", { hasText: /^danger$/ }).waitFor();
  const text = await page.getByRole("textbox", { name: "Manifest", exact: true }).inputValue();
  expect((await colours.textContent())?.trimEnd()).toBe(text.trimEnd());
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  expect(complaints).toEqual([]);
});

it("takes a secret in the form that is tried", async () => {
  const source = manifest
    .replace("key: greet", "key: greet-secretly")
    .replace("required: [word]", "required: [word, pin]")
    .replace("    word:", "    pin: {type: string, format: password, title: Pin}\n    word:");
  const { id } = await product.client.call("POST /modules", { body: { source } });
  await using opened = await start(`/modules/${id}`);

  const pin = opened.page.getByLabel("Pin");
  await pin.fill("4711");

  await expect.poll(() => pin.inputValue()).toBe("4711");
});

it("shows what a version changed, line by line, and hands it out as a file that comes back", async () => {
  const { source, version } = await product.client.call("GET /modules/:id", { params: { id: moduleId } });
  const louder = source.replace("Prints a line.", "Prints one line.");
  const body = { source: louder, expectedVersion: version };
  await product.client.call("PUT /modules/:id", { params: { id: moduleId }, body });
  await using opened = await start(`/modules/${moduleId}`);
  const { page } = opened;

  await page.getByRole("button", { name: /^v2/ }).click();
  const difference = page.getByRole("group", { name: "What differs from version 1 to 2" });
  await difference.getByText("en: Prints one line.").waitFor();
  expect(await difference.locator("[data-kind=added]").count()).toBe(1);
  expect(await difference.locator("[data-kind=removed]").count()).toBe(1);
  await page.getByRole("button", { name: /^v1/ }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Export version 1" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("greet-v1.yaml");
  const file = readFileSync(await download.path(), "utf8");

  await page.goto(`${product.url}/modules`);
  await page.getByRole("button", { name: "Import modules" }).click();
  const dialog = page.getByRole("dialog");
  await choose(page, {
    "greet.yaml": file,
    "welcome.yaml": file.replace("key: greet", "key: welcome"),
    "broken.yaml": file.replace("danger: read", "danger: maybe"),
  });
  await dialog.getByText("becomes version 3").waitFor();
  await dialog.getByText("is new").waitFor();
  await dialog.getByRole("button", { name: /broken.yaml/ }).click();
  await dialog.getByText(/danger: must be/).waitFor();
  await dialog.getByRole("button", { name: /becomes version 3/ }).click();
  await dialog.getByRole("group", { name: "What differs from version 2 to 3" }).waitFor();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await dialog.getByRole("button", { name: "Import 2 modules" }).click();
  await page.getByText("2 modules are imported.").waitFor();
  await page.getByRole("cell", { name: "welcome", exact: true }).waitFor();
  const after = await product.client.call("GET /modules/:id", { params: { id: moduleId } });
  expect([after.version, after.source]).toEqual([3, source]);
});

async function choose(page: TestPage["page"], files: Readonly<Record<string, string>>): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: "Choose files" }).click(),
  ]);
  await chooser.setFiles(
    Object.entries(files).map(([name, text]) => ({ name, mimeType: "application/yaml", buffer: Buffer.from(text) })),
  );
}

async function start(path: string): Promise<TestPage & AsyncDisposable> {
  const opened = await browser.open();
  await signIn(opened.page, product);
  await opened.page.goto(product.url + path);
  return { ...opened, [Symbol.asyncDispose]: () => opened.context.close() };
}
