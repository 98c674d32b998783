import { expect, it } from "vitest";
import { readReason } from "../../contract/reasons.ts";
import { cancelledBeforeStart, exitEnding } from "./ending.ts";
import { connectReason } from "./reasons.ts";

const title = "web01 (10.0.0.1:22)";

it.each([
  ["connection_refused", { code: "ECONNREFUSED" }],
  ["no_route", { code: "EHOSTUNREACH" }],
  ["no_network", { code: "ENETUNREACH" }],
  ["connection_cut", { code: "ECONNRESET" }],
  ["no_such_name", { code: "ENOTFOUND" }],
  ["sign_in_refused", { level: "client-authentication" }],
  ["agent_failed", { level: "agent", message: "no such socket" }],
])("says why a host is not reached by a sentence that is known by its code: %s", (code, error) => {
  expect(readReason(`${title} ${connectReason(error)}`)).toMatchObject({ code, values: { host: title } });
});

it("says how a task ended by sentences that are known by their codes", () => {
  expect(readReason(exitEnding({ code: 3 }).reason ?? "")).toEqual({ code: "exit_code", values: { code: "3" } });
  expect(readReason(exitEnding({ signal: "KILL" }).reason ?? "")?.code).toBe("exit_signal");
  expect(readReason(cancelledBeforeStart.reason)?.code).toBe("run_cancelled_before_start");
});
