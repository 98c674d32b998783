import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { openBrowser, type TestBrowser, type TestPage } from "../testkit/browser.ts";
import { signIn } from "../testkit/console-page.ts";
import { type ConsoleProduct, mockHosts, startConsoleProduct } from "../testkit/console-product.ts";

// A browser on a busy machine: slow is not wrong.
vi.setConfig({ testTimeout: 180_000 });

let browser: TestBrowser;
let product: ConsoleProduct;

beforeAll(async () => {
  product = await startConsoleProduct({
    hosts: mockHosts({ "Linux.Web/www": ["web", 30], "Linux.Web/bbs": ["bbs", 2] }),
  });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await product?.[Symbol.asyncDispose]();
});

it("adds, moves, tests and deletes a host, and shows what the server refuses at its field", async () => {
  await using opened = await start("/inventory");
  const { page } = opened;

  await page.getByRole("button", { name: "Add a host", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("-wrong");
  await dialog.getByRole("combobox", { name: "Category" }).click();
  await page.getByRole("option", { name: "Linux.Web/www" }).click();
  await dialog.getByRole("textbox", { name: "Inner address" }).fill("10.9.9.9");
  // By keyboard: a pointer meets the field around the input first.
  await dialog.getByRole("combobox", { name: "Engines" }).focus();
  await page.keyboard.press("ArrowDown");
  // What the controller here has, and what the field holds already though no controller has it.
  const offered = ["mock", "ssh: no controller has it"];
  await expect.poll(() => page.getByRole("option").allInnerTexts()).toEqual(offered);
  await page.getByRole("option", { name: "mock" }).click();
  await page.keyboard.press("Tab");
  await dialog.getByRole("button", { name: "Add a host" }).click();
  await dialog.getByText(/must begin with a letter or digit/).waitFor();
  expect(await page.evaluate("document.activeElement.value")).toBe("-wrong");
  await dialog.getByRole("textbox", { name: "Name" }).fill("new01");
  await dialog.getByRole("button", { name: "Add a host" }).click();
  await page.getByText("new01 is in the inventory.").waitFor();
  await page.getByRole("link", { name: "new01" }).waitFor();

  await page.getByRole("button", { name: "Edit new01" }).click();
  await dialog.getByRole("combobox", { name: "Category" }).click();
  await page.getByRole("option", { name: "Linux.Web/bbs" }).click();
  await dialog.getByRole("button", { name: "Save new01" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("navigation", { name: "Categories" }).getByText("bbs").click();
  await page.getByText("3 hosts", { exact: true }).waitFor();

  await page.getByRole("link", { name: "new01" }).click();
  await page.getByRole("button", { name: "Test the connection" }).click();
  await page.getByText(/new01 is a mock host and always answers/).waitFor();
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete new01" }).click();
  await page.getByText("32 hosts", { exact: true }).waitFor();
});

it("shows what an import would do before it does it, and imports the rest without refused lines", async () => {
  await using opened = await start("/inventory");
  const { page } = opened;
  const text = [
    "name,function_category,app_category,inner_address,engine",
    "imp01,Linux.New,first,10.2.0.1,mock",
    "web01,Linux.Web,www,10.2.0.2,mock",
    "-bad,Linux.New,first,10.2.0.3,mock",
  ].join("\n");

  await page.getByRole("button", { name: "Import hosts" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Text to import" }).fill(text);
  await dialog.getByRole("button", { name: "Show what would happen" }).click();
  for (const said of ["1 line refused", "1 host changes", "1 host is new"]) await dialog.getByText(said).waitFor();
  await dialog.getByText(/must begin with a letter or digit/).waitFor();
  await dialog.getByRole("button", { name: "Go to line 4" }).click();
  const selected =
    "document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)";
  expect(await page.evaluate(selected)).toContain("-bad,Linux.New");
  await dialog.getByRole("button", { name: "1 host changes" }).click();
  await dialog.getByText("10.2.0.2", { exact: true }).waitFor();
  await dialog.getByText("1 category is made:").waitFor();
  const go = dialog.getByRole("button", { name: "Import 2 hosts" });
  expect(await go.isDisabled()).toBe(true);
  expect((await product.client.call("GET /hosts", { query: {} })).total).toBe(32);
  await dialog.getByRole("checkbox").check();
  await go.click();

  await dialog.waitFor({ state: "detached" });
  await page.getByRole("navigation", { name: "Categories" }).getByText("Linux.New").waitFor();
  await page.getByText("33 hosts", { exact: true }).waitFor();
});

it("saves no other number than the one that was typed, and says which it may be", async () => {
  await using opened = await start("/settings");
  const { page } = opened;
  const width = page.getByRole("textbox", { name: "Hosts at once" });
  const save = page.getByRole("button", { name: "Save settings" });

  for (const [typed, said] of [
    ["0", "Must be at least 1"],
    ["10001", "Must be at most 10000"],
    ["", "Is needed"],
  ] as const) {
    await width.fill(typed);
    await width.blur();
    await page.getByText(said, { exact: true }).waitFor();
    expect([await width.inputValue(), await save.isDisabled()]).toEqual([typed, true]);
  }
  await width.fill("300");
  await save.click();
  await page.getByText("The settings are saved.").waitFor();
  expect((await product.client.call("GET /settings", {})).runWidth).toBe(300);
});

it("changes all hosts of a query together, and deletes them after their number was typed", async () => {
  await using opened = await start("/inventory?query=web[10-19]");
  const { page } = opened;
  await page.getByText("10 hosts", { exact: true }).waitFor();

  await page.getByRole("checkbox", { name: "Select all 10 hosts" }).check();
  const bar = page.getByRole("group", { name: "Selected hosts" });
  await bar.getByRole("button", { name: "Change" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "Add tags" }).fill("prod old");
  await dialog.getByRole("button", { name: "Show what would happen" }).click();
  await dialog.getByText("prod, old").waitFor();
  await dialog.getByRole("textbox", { name: "Operating system" }).fill("Debian 12");
  await dialog.getByRole("button", { name: "Show what would happen" }).click();
  await dialog.getByText("web[10-19]").waitFor();
  expect((await product.client.call("POST /hosts/match", { body: { query: 'os="Debian 12"' } })).count).toBe(0);
  await dialog.getByRole("button", { name: "Change 10 hosts" }).click();
  await page.getByText("10 hosts are changed.").waitFor();
  const changed = 'os="Debian 12" and tag:prod and tag:old';
  expect((await product.client.call("POST /hosts/match", { body: { query: changed } })).count).toBe(10);

  await page.getByRole("checkbox", { name: "Select all 10 hosts" }).check();
  await bar.getByRole("button", { name: "Delete" }).click();
  const go = dialog.getByRole("button", { name: "Delete 10 hosts" });
  expect(await go.isDisabled()).toBe(true);
  await dialog.getByLabel(/Type 10 to confirm/).fill("10");
  await go.click();
  await page.getByText("10 hosts are deleted.").waitFor();
});

it("checks a module as it is written, shows its form, saves versions and takes it out of the catalogue", async () => {
  await using opened = await start("/modules/new");
  const { page } = opened;
  const manifest = page.getByRole("textbox", { name: "Manifest" });
  const good = await manifest.inputValue();

  await manifest.fill(good.replace("danger: read", "danger: maybe"));
  await page.getByRole("button", { name: /^8:\d+ danger: must be/ }).click();
  expect(await manifest.evaluate("document.activeElement.selectionStart")).toBeGreaterThan(100);
  expect(await page.getByRole("button", { name: "Add the module" }).isDisabled()).toBe(true);
  await manifest.fill(good);
  await page.getByRole("textbox", { name: "Folder" }).waitFor();
  await page.getByRole("button", { name: "Add the module" }).click();

  await page.waitForURL(/\/modules\/2\d+$/);
  // Until this is there, the form of the new module is.
  await page.getByRole("button", { name: "Save as version 2" }).waitFor();
  await manifest.fill((await manifest.inputValue()).replace("View disk usage", "Disk usage"));
  await page.getByRole("button", { name: "Save as version 2" }).click();
  await page.getByRole("heading", { name: "Disk usage", level: 1 }).waitFor();
  // With one version there is nothing to choose between.
  await page.getByRole("button", { name: /^v2/ }).waitFor();
  await page.getByRole("button", { name: /^v1/ }).click();
  // By keyboard: a pointer meets the label around the radio button first.
  await page.getByRole("radio", { name: "Manifest" }).focus();
  await page.keyboard.press("Space");
  await page.getByRole("textbox", { name: "Manifest of version 1" }).waitFor();
  await page.getByRole("button", { name: "Take it out of the catalogue" }).click();
  await page.getByRole("button", { name: "Offer it again" }).waitFor();
});

it("keeps files, users, tokens and credentials, and never shows a secret twice", async () => {
  await using opened = await start("/files");
  const { page, complaints } = opened;

  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: "Upload a file" }).click(),
  ]);
  await chooser.setFiles({ name: "motd", mimeType: "text/plain", buffer: Buffer.from("welcome\n") });
  await page.getByRole("cell", { name: "motd", exact: true }).waitFor();

  await page.goto(`${product.url}/users`);
  await page.getByRole("button", { name: "Add a user" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("vera");
  await page.getByRole("dialog").getByRole("button", { name: "Add a user" }).click();
  await page.getByRole("button", { name: "Actions for vera" }).click();
  await page.getByRole("menuitem", { name: "Make a sign-in link" }).click();
  await page.getByText(/\/sign-in#token=/).waitFor();

  await page.goto(`${product.url}/account`);
  await page.getByRole("textbox", { name: "Name" }).fill("ci");
  await page.getByRole("button", { name: "Create token" }).click();
  const token = await page.getByRole("status").filter({ hasText: "only time" }).locator("code").innerText();
  expect((await fetch(`${product.url}/api/v1/session`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(
    200,
  );
  await page.reload();
  await page.getByRole("cell", { name: "ci", exact: true }).waitFor();
  expect(await page.content()).not.toContain(token);

  await page.goto(`${product.url}/inventory`);
  await page.getByRole("tab", { name: "Credentials" }).click();
  await page.getByRole("button", { name: "Add a credential" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("vault");
  await dialog.getByRole("combobox", { name: "Kind" }).click();
  await page.getByRole("option", { name: "Password" }).click();
  await dialog.getByLabel("Password", { exact: false }).first().fill("canary-7f3a");
  await dialog.getByRole("button", { name: "Save vault" }).click();
  await page.getByRole("cell", { name: "vault", exact: true }).waitFor();
  expect(await page.content()).not.toContain("canary-7f3a");

  await page.goto(`${product.url}/audit`);
  await page.getByText("Credential saved").first().waitFor();
  await page.getByRole("button", { name: "Verify the chain" }).click();
  await page.getByText(/^The chain holds/).waitFor();
  expect(complaints).toEqual([]);
});

async function start(path: string): Promise<TestPage & AsyncDisposable> {
  const opened = await browser.open();
  await signIn(opened.page, product);
  await opened.page.goto(product.url + path);
  return { ...opened, [Symbol.asyncDispose]: () => opened.context.close() };
}
