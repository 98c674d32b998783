import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { beforeAll, expect, it } from "vitest";
import { i18n, startI18n } from "../../i18n/i18n.ts";
import { ReasonText } from "./reason-text.tsx";

beforeAll(() => startI18n("zh"));

const shown = (text: string) => renderToStaticMarkup(createElement(ReasonText, { text }));

it("tells the product's own sentences in Chinese, also one within another", () => {
  expect(shown("Not started: more than 3 hosts of this run had failed.")).toBe(
    "未启动：本次运行中失败的主机已超过 3 台。",
  );
  expect(shown("Not started: The ssh engine broke: no memory")).toBe("未启动：ssh 引擎出现故障：no memory");
});

it("shows what hosts and other tools say as it came, and never as markup or as a text of the dictionary", () => {
  expect(shown("bash: foo: command not found")).toBe("bash: foo: command not found");
  expect(shown("The ssh engine broke: <img src=x> $t(operate.title) {{engine}}")).toBe(
    "ssh 引擎出现故障：&lt;img src=x&gt; $t(operate.title) {{engine}}",
  );
});

it("is the sentence itself in English", async () => {
  await i18n.changeLanguage("en");
  const text = "Cancelled by ada before it started.";
  expect(shown(text)).toBe(text);
});
