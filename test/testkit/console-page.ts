import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import type { ConsoleProduct } from "./console-product.ts";

/** Signs in as the administrator by a one-time link and waits for the operate page. */
export async function signIn(page: Page, product: ConsoleProduct, url = product.url): Promise<void> {
  const link = await product.signInLink();
  // Where only the fragment differs from the page that is there, nothing would be loaded.
  await page.goto(`${url}/favicon.svg`);
  await page.goto(link.replace(product.url, url));
  await page.waitForURL(`${url}/`);
  await page.getByRole("tree").waitFor();
}

/** Presses a button by Enter as soon as it can be pressed, for which a press by itself does not wait. */
export async function pressEnter(button: Locator): Promise<void> {
  await expect.poll(() => button.isEnabled(), { timeout: 20_000 }).toBe(true);
  await button.press("Enter");
}

/** Chooses theme and language for every page of this browser profile from now on. */
export async function prefer(page: Page, theme: "light" | "dark", language: "zh" | "en"): Promise<void> {
  const choices = { "omserver.theme": theme, "omserver.language": language };
  await page.addInitScript(`Object.assign(localStorage, ${JSON.stringify(choices)})`);
}
