import { existsSync } from "node:fs";
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export interface TestBrowser extends AsyncDisposable {
  /** A page in a profile of its own. Whatever goes wrong in it, also a breach of the content policy, is in `complaints`. */
  open(options?: BrowserContextOptions): Promise<TestPage>;
}

export interface TestPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of scripts, console errors and failed requests, as they came. */
  readonly complaints: string[];
}

/** Debian's Chromium without a window. Says what to install where there is none. */
export async function openBrowser(): Promise<TestBrowser> {
  const executablePath = places.find((place) => existsSync(place));
  if (executablePath === undefined) {
    throw new Error("The console's tests need Chromium: apt-get install chromium fonts-noto-cjk");
  }
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  return {
    async open(options = {}) {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        locale: "en-GB",
        timezoneId: "Asia/Shanghai",
        reducedMotion: "reduce",
        ...options,
      });
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
      page.on("console", (message) => {
        const policy = message.text().includes("Content Security Policy");
        const refused = message.text().startsWith("Failed to load resource");
        if (policy || (message.type() === "error" && !refused)) complaints.push(`console: ${message.text()}`);
      });
      page.on("response", (response) => {
        if (response.status() >= 400)
          complaints.push(`answer: ${response.status()} ${new URL(response.url()).pathname}`);
      });
      page.on("requestfailed", (request) => {
        const reason = request.failure()?.errorText ?? "";
        if (reason !== "net::ERR_ABORTED") complaints.push(`request: ${request.url()} ${reason}`);
      });
      return { page, context, complaints };
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
    },
  };
}
