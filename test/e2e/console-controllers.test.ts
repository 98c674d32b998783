import { AxeBuilder } from "@axe-core/playwright";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Engine, HostKeyState } from "../../src/contract/engine.ts";
import { OmError } from "../../src/contract/errors.ts";
import { createMockEngine } from "../../src/engines/mock/mock-engine.ts";
import { openBrowser, type TestBrowser, type TestPage } from "../testkit/browser.ts";
import { signIn } from "../testkit/console-page.ts";
import { type ConsoleProduct, mockHosts, startConsoleProduct } from "../testkit/console-product.ts";

// A browser on a busy machine: slow is not wrong.
vi.setConfig({ testTimeout: 180_000 });

let browser: TestBrowser;
let product: ConsoleProduct;
const keys = new Map<string, HostKeyState>([
  ["minion1", "accepted"],
  ["fresh02", "pending"],
  ["fresh01", "pending"],
]);
let keysAnswer: OmError | undefined;

beforeAll(async () => {
  product = await startConsoleProduct({
    hosts: mockHosts({ "Linux.Web/www": ["web", 3] }),
    engines: [saltWithKeys()],
    link: true,
  });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await product?.[Symbol.asyncDispose]();
});

it("says what draining a controller means before it does it, and lets it take orders again", async () => {
  await using opened = await start("/controllers");
  const { page, complaints } = opened;
  const row = page.getByRole("row", { name: /^main/ });
  const body = { command: ["mock", "hang"], query: "web*", confirmHostCount: 3 };
  const { id } = await product.client.call("POST /runs", { body });
  await row.getByText("1 run · 3 hosts").waitFor({ timeout: 60_000 });

  await page.getByRole("button", { name: "Drain main" }).click();
  const dialog = page.getByRole("dialog", { name: "Drain main" });
  await dialog.getByText(/finishes what it has: 1 run · 3 hosts/).waitFor();
  await dialog.getByText(/No other controller of the zone default is connected/).waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  const [left] = (await product.client.call("GET /controllers", {})).controllers;

  await page.getByRole("button", { name: "Drain main" }).click();
  await dialog.getByRole("button", { name: "Drain main" }).click();
  await dialog.waitFor({ state: "detached" });
  await row.getByText("draining", { exact: true }).waitFor();
  const [drained] = (await product.client.call("GET /controllers", {})).controllers;
  const running = await product.client.call("GET /runs/:id", { params: { id } });

  await page.getByRole("button", { name: "Let main take orders again" }).click();
  await row.getByText("connected", { exact: true }).waitFor();
  const [back] = (await product.client.call("GET /controllers", {})).controllers;

  expect([left, drained, back].map((controller) => controller?.state)).toEqual(["enabled", "draining", "enabled"]);
  expect(running.counts.running).toBe(3);
  expect(complaints).toEqual([]);
  await product.client.call("POST /runs/:id/cancel", { params: { id } });
});

it("keeps the zones of a credential, and shows which controllers hold it", async () => {
  await using opened = await start("/inventory");
  const { page, complaints } = opened;
  await page.getByRole("tab", { name: "Credentials" }).click();
  await page.getByRole("button", { name: "Add a credential" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("vault");
  await dialog.getByRole("combobox", { name: "Kind" }).click();
  await page.getByRole("option", { name: "Password" }).click();
  await dialog.getByLabel("Password", { exact: false }).first().fill("canary-7f3a");
  const zones = dialog.getByRole("combobox", { name: "Zones" });
  await zones.fill("dmz");
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Save vault" }).click();
  await dialog
    .getByRole("alert")
    .getByText(/There is no controller for it/)
    .waitFor();
  await zones.click();
  await page.getByRole("option", { name: "default" }).click();
  await dialog.getByRole("button", { name: "Save vault" }).click();
  await dialog.waitFor({ state: "detached" });
  const row = page.getByRole("row", { name: /^vault/ });
  await row.getByText("dmz, default", { exact: true }).waitFor();
  await row.getByText("main", { exact: true }).waitFor();

  await page.getByRole("button", { name: "Replace vault" }).click();
  await dialog.getByText("dmz", { exact: true }).waitFor();
  await dialog.getByLabel("Password", { exact: false }).first().fill("canary-8a41");
  await dialog.getByRole("button", { name: "Save vault" }).click();
  await dialog.waitFor({ state: "detached" });
  const { credentials } = await product.client.call("GET /credentials", {});

  expect(credentials).toMatchObject([{ name: "vault", zones: ["dmz", "default"], heldBy: ["main"] }]);
  // Of the first try, for a zone without a controller.
  expect(complaints).toEqual(["answer: 503 /api/v1/credentials"]);
});

it("invites a machine to become a controller by a line that is shown once", async () => {
  await using opened = await start("/controllers");
  const { page, complaints } = opened;
  await page.getByRole("button", { name: "Add a controller" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a controller" });
  await dialog.getByRole("textbox", { name: "Name" }).fill("Not Good");
  await dialog.getByRole("button", { name: "Make the invitation" }).click();
  await dialog.getByRole("alert").waitFor();
  await dialog.getByRole("textbox", { name: "Name" }).fill("bj-1");
  await dialog.getByRole("textbox", { name: "Zone" }).fill("bj");
  await dialog.getByRole("button", { name: "Make the invitation" }).click();

  await dialog.getByText(/^omserver controller enrol --server https:\S+ --token \S+ --ca-sha256 \S+$/).waitFor();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await dialog.getByRole("button", { name: "Close" }).last().click();

  const { rows } = await product.client.call("GET /audit", { query: { action: "controller.invite" } });
  expect(rows.map(({ object, detail }) => [object, detail])).toEqual([["controller bj-1", { zone: "bj" }]]);
  expect(complaints.filter((each) => !each.startsWith("answer: 400"))).toEqual([]);
});

it("shows the keys of Salt's minions, those that wait first, and accepts, rejects and deletes one after asking", async () => {
  await using opened = await start("/controllers");
  const { page, complaints } = opened;
  const panel = page.getByRole("region", { name: "Keys of hosts that ask to join: salt" });
  const rows = panel.getByRole("row");
  await panel.getByText("2 hosts wait to be let in").waitFor();
  expect(await rows.nth(1).textContent()).toContain("fresh01");

  await panel.getByRole("button", { name: "Accept fresh01" }).click();
  await page
    .getByRole("dialog")
    .getByText(/takes orders as root/)
    .waitFor();
  await page.keyboard.press("Escape");
  expect(keys.get("fresh01")).toBe("pending");
  await panel.getByRole("button", { name: "Accept fresh01" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Accept fresh01" }).click();
  await panel.getByText("1 host waits to be let in").waitFor();
  await panel.getByRole("button", { name: "Reject fresh02" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Reject fresh02" }).click();
  await panel.getByText("No host waits to be let in").waitFor();
  await panel.getByRole("button", { name: "Delete fresh02" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete fresh02" }).click();
  await panel.getByText("fresh02").waitFor({ state: "detached" });
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  expect(Object.fromEntries(keys)).toEqual({ minion1: "accepted", fresh01: "accepted" });
  const { rows: records } = await product.client.call("GET /audit", { query: { text: "fresh02" } });
  expect(records.map(({ action }) => action)).toEqual(["host_key.delete", "host_key.reject"]);
  keysAnswer = new OmError("engine.unusable", "The account omserver lacks the right @wheel.");
  await panel.getByRole("button", { name: "Look again" }).click();
  await panel.getByText("The account omserver lacks the right @wheel.").waitFor();
  expect(complaints.filter((each) => !each.startsWith("answer: 503"))).toEqual([]);
});

/** Salt's engine as far as the console knows it: usable, and with keys that a test can see. */
function saltWithKeys(): Engine {
  const mock = createMockEngine();
  return {
    ...mock,
    manifest: { ...mock.manifest, id: "salt" },
    keyring: {
      async list() {
        if (keysAnswer !== undefined) throw keysAnswer;
        return [...keys].map(([name, state]) => ({ name, state }));
      },
      async change(name, action) {
        if (action === "delete") keys.delete(name);
        else keys.set(name, action === "accept" ? "accepted" : "rejected");
      },
    },
  };
}

async function start(path: string): Promise<TestPage & AsyncDisposable> {
  const opened = await browser.open();
  await signIn(opened.page, product);
  await opened.page.goto(product.url + path);
  return { ...opened, [Symbol.asyncDispose]: () => opened.context.close() };
}
