import type { EngineHealth } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { SaltApi } from "./api.ts";
import { asRecord } from "./record.ts";
import { refusalOf } from "./refusals.ts";
import type { SaltSettings } from "./settings.ts";

/** What the account must be able to do on minions. */
const needed = ["test.ping", "cmd.run_all"] as const;

/** Signs in anew, and looks at what Salt says that the account may do; sends nothing to a minion. */
export async function probeSalt(api: SaltApi, settings: SaltSettings, signal: AbortSignal): Promise<EngineHealth> {
  try {
    const permissions = await api.permissions(signal);
    const missing = needed.filter((fun) => !permits(permissions, fun));
    if (missing.length === 0)
      return { usable: true, version: reasonText("salt_api_place", { place: new URL(settings.url).host }) };
    return {
      usable: false,
      reason: reasonText("salt_not_permitted", { what: missing.join(" and "), user: settings.user }),
      mend: reasonText("salt_permit_mend", { eauth: settings.eauth }),
    };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal !== undefined) return { usable: false, reason: refusal.reason, mend: refusal.mend };
    const reason = error instanceof Error ? error.message : String(error);
    return { usable: false, reason, mend: reasonText("salt_look_log") };
  }
}

/** Salt's own reading of `perms`: a regular expression for functions, or a target with such expressions. */
function permits(permissions: readonly unknown[], fun: string): boolean {
  return permissions.some((entry) => {
    if (typeof entry === "string") return matches(entry, fun);
    return Object.values(asRecord(entry)).some(
      (list) =>
        Array.isArray(list) &&
        list.some((each) => permits([typeof each === "string" ? each : Object.keys(asRecord(each))[0]], fun)),
    );
  });
}

function matches(expression: string, fun: string): boolean {
  if (expression.startsWith("@")) return false;
  try {
    return new RegExp(`^(?:${expression})`).test(fun);
  } catch {
    // One of Python's that JavaScript does not read: not held against the account.
    return true;
  }
}
