import { gzipSync } from "node:zlib";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openBrowser, type TestBrowser } from "../testkit/browser.ts";
import { prefer, signIn } from "../testkit/console-page.ts";
import { type ConsoleProduct, mockHosts, startConsoleProduct } from "../testkit/console-product.ts";

// A browser on a busy machine: slow is not wrong.
vi.setConfig({ testTimeout: 240_000 });

let browser: TestBrowser;
let product: ConsoleProduct;

beforeAll(async () => {
  product = await startConsoleProduct({
    hosts: mockHosts({ "Linux.Web/www.domain.com": ["web", 12], "数据库/订单": ["db", 3] }),
    engine: {
      hosts: {
        web03: ["exit=3", "stderr=\u001b[31merror:\u001b[0m broken\n"],
        web05: ["unreachable=No answer from web05."],
        web07: ["lost"],
        web09: ["signal=KILL", "stdout=\u001b[1;32mok\u001b[0m \u001b[33mwarning\u001b[0m \u001b[44mblue\u001b[0m\n"],
      },
    },
  });
  browser = await openBrowser();
  await finishedRun();
  await finishedRun();
  await product.client.call("POST /files", { query: { name: "nginx.conf" }, upload: "worker_processes 4;\n" });
  await product.client.call("POST /users", { body: { name: "viktor", role: "viewer" } });
  const secret = { kind: "agent", user: "root" } as const;
  await product.client.call("PUT /credentials", { body: { name: "bastion", secret } });
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await product?.[Symbol.asyncDispose]();
});

const scenes = [
  ["/", "tree"],
  ["/runs", "table"],
  ["/runs/2?host=2&text=broken", "article"],
  ["/runs/2?tab=timing", "table"],
  ["/runs/2?tab=compare", "combobox"],
  ["/inventory?query=Linux.Web", "grid"],
  ["/inventory/hosts/1", "table"],
  ["/modules", "table"],
  ["/modules/1007", "textbox"],
  ["/modules/new", "textbox"],
  ["/files", "table"],
  ["/audit/shell", "heading"],
  ["/audit", "table"],
  ["/users", "table"],
  ["/controllers", "listitem"],
  ["/settings", "radiogroup"],
  ["/settings/parts", "grid"],
  ["/account", "button"],
  ["/set-up", "radiogroup"],
] as const;

describe.each([
  ["light", "en", 1440],
  ["dark", "zh", 390],
] as const)("in the %s theme, in %s, %i pixels wide", (theme, language, width) => {
  it("every scene keeps to the content policy, asks no other host, fits the width and has no barrier that axe finds", async () => {
    const { page, context, complaints } = await browser.open({ viewport: { width, height: 844 } });
    const foreign: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(`${product.url}/`)) foreign.push(request.url());
    });
    await prefer(page, theme, language);
    const found: unknown[] = [];

    await page.goto(`${product.url}/sign-in`);
    await page.getByLabel(language === "zh" ? "用户名" : "Name").waitFor();
    found.push(...(await barriers(page, "/sign-in")));
    await signIn(page, product);
    for (const [path, role] of scenes) {
      await page.goto(product.url + path);
      await page.getByRole("main").getByRole(role).first().waitFor();
      await expect
        .poll(() => page.locator('[role="status"][aria-label]:not([data-sample] *)').count(), { timeout: 20_000 })
        .toBe(0);
      found.push(...(await barriers(page, path)));
      const overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
      if (Number(overflow) > 0) found.push(`${path} is ${overflow} pixels too wide`);
    }

    expect(found).toEqual([]);
    expect(complaints).toEqual([]);
    expect(foreign).toEqual([]);
    await context.close();
  });
});

it("is served under a policy that forbids everything inline", async () => {
  const answer = await fetch(`${product.url}/runs`, { headers: { accept: "text/html" } });
  const policy = answer.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("style-src 'self'");
  expect(policy).not.toContain("unsafe");
  expect(await answer.text()).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/);
});

it("brings at most 300 kB of compressed script for the first look at the operate page", async () => {
  const { page, context } = await browser.open();
  const scripts = new Set<string>();
  await signIn(page, product);
  page.on("response", (response) => response.url().endsWith(".js") && scripts.add(response.url()));

  await page.reload({ waitUntil: "load" });
  await page.getByRole("tree").waitFor();

  let bytes = 0;
  for (const url of scripts) bytes += gzipSync(await (await fetch(url)).text()).length;
  expect(scripts.size).toBeGreaterThan(3);
  expect(bytes).toBeLessThan(300_000);
  await context.close();
});

async function barriers(page: Page, path: string): Promise<readonly unknown[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => ({
    path,
    id,
    nodes: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html} ${failureSummary}`),
  }));
}

async function finishedRun(): Promise<void> {
  const { client } = product;
  const { id } = await client.call("POST /runs", { body: { query: "all", command: ["uptime"] } });
  const events = await client.call("GET /runs/:id/live", { params: { id } });
  await events.text();
}
