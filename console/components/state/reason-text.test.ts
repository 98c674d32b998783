import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { beforeAll, expect, it } from "vitest";
import { sceneTexts, speak, startI18n } from "../../i18n/i18n.ts";
import { ReasonText } from "./reason-text.tsx";

beforeAll(async () => {
  await startI18n("zh");
  await sceneTexts();
});

const shown = (text: string) => renderToStaticMarkup(createElement(ReasonText, { text }));

it("tells the product's own sentences in Chinese, also one within another", () => {
  expect(shown("Not started: more than 3 hosts of this run had failed.")).toBe(
    "未启动：本次运行中失败的主机已超过 3 台。",
  );
  expect(shown("Not started: The ssh engine broke: no memory")).toBe("未启动：ssh 引擎出现故障：no memory");
});

it("tells several sentences in a row, each that is known", () => {
  const key =
    "web01 (127.0.0.1:22) showed a host key that is not known here. Compare its fingerprint on the host, then add the key to the known hosts or allow trust on first use. The key shown by 127.0.0.1:22: ssh-ed25519 SHA256:ab/c.";
  expect(shown(key)).toMatch(
    /^web01 .*出示了此处未知的主机密钥.*\s?127.0.0.1:22 出示的密钥：ssh-ed25519 SHA256:ab\/c。$/,
  );
  expect(shown("The host is disabled. The host is disabled.")).toBe("主机已停用。主机已停用。");
  expect(shown("not ours. At all.")).toBe("not ours. At all.");
});

it("shows what hosts and other tools say as it came, and never as markup or as a text of the dictionary", () => {
  expect(shown("bash: foo: command not found")).toBe("bash: foo: command not found");
  expect(shown("The ssh engine broke: <img src=x> $t(operate.title) {{engine}}")).toBe(
    "ssh 引擎出现故障：&lt;img src=x&gt; $t(operate.title) {{engine}}",
  );
});

it("is the sentence itself in English", async () => {
  await speak("en");
  const text = "Cancelled by ada before it started.";
  expect(shown(text)).toBe(text);
});
