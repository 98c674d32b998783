import { expect, test } from "vitest";
import { readReason } from "../../contract/reasons.ts";
import { closed, denied, type Refusal, refuse, signInRefused, strange, unreachable, wrongStatus } from "./refusals.ts";
import { saltSettings } from "./settings.ts";

const settings = saltSettings.parse({ url: "https://salt.example.org:8000", user: "omserver", passwordFile: "/p" });
const late = Object.assign(new Error("late"), { name: "TimeoutError" });
const refused = Object.assign(new Error("connect ECONNREFUSED 192.0.2.1:8000"), { code: "ECONNREFUSED" });
const selfSigned = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });

const refusals: readonly (readonly [string, Refusal])[] = [
  ["salt_closed", closed],
  ["salt_api_late", unreachable(settings, late, true)],
  ["salt_api_unreachable", unreachable(settings, refused, false)],
  ["salt_api_untrusted", unreachable(settings, selfSigned, false)],
  ["salt_api_sign_in", signInRefused(settings)],
  ["salt_denied", denied({ client: "runner", fun: "cache.grains" }, settings)],
  ["salt_denied", denied({ client: "local_async", fun: "cmd.run_all" }, settings)],
  ["salt_api_without_master", wrongStatus({ status: 503, body: "" }, settings)],
  ["salt_api_strange", strange(settings, "its answer is no JSON")],
];

test.each(refusals)("what salt-api refused is a sentence of the catalogue: %s", (code, refusal) => {
  const { message } = refuse(refusal);

  expect(readReason(message)?.code).toBe(code);
});
