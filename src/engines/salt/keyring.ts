import type { HostKeyring, HostKeyState } from "../../contract/engine.ts";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { SaltApi } from "./api.ts";
import { oneLine } from "./one-line.ts";
import { asRecord } from "./record.ts";

/** Salt's own names of the four states, in `wheel key.list_all`. */
const folders = {
  minions: "accepted",
  minions_pre: "pending",
  minions_rejected: "rejected",
  minions_denied: "denied",
} as const satisfies Record<string, HostKeyState>;

const functions = { accept: "key.accept_dict", reject: "key.reject_dict", delete: "key.delete_dict" } as const;
const after = { accept: "accepted", reject: "rejected", delete: undefined } as const;

/** Keys of minions, by the master's wheel. Names are exact: Salt's own `key.accept` would take them as patterns. */
export function createKeyring(api: SaltApi): HostKeyring {
  async function list(signal: AbortSignal): Promise<{ name: string; state: HostKeyState }[]> {
    const found = asRecord(await wheel(api, "key.list_all", {}, signal));
    return Object.entries(folders).flatMap(([folder, state]) => {
      const names = found[folder];
      return Array.isArray(names)
        ? names.filter((name) => typeof name === "string").map((name) => ({ name, state }))
        : [];
    });
  }

  return {
    list,
    async change(name, action, signal) {
      const before = (await list(signal)).filter((key) => key.name === name);
      if (before.length === 0) throw notDone(reasonText("salt_key_unknown", { minion: name }));
      const match: Record<string, string[]> = {};
      for (const { state } of before) {
        const folder = Object.entries(folders).find(([, known]) => known === state)?.[0] ?? "";
        match[folder] = [name];
      }
      const include =
        action === "accept"
          ? { include_rejected: true, include_denied: true }
          : action === "reject"
            ? { include_accepted: true, include_denied: true }
            : {};
      await wheel(api, functions[action], { match, ...include }, signal);
      const now = (await list(signal)).filter((key) => key.name === name).map((key) => key.state);
      const wanted = after[action];
      if (wanted === undefined ? now.length === 0 : now.includes(wanted)) return;
      const is = now.length === 0 ? "gone" : now.join(" and ");
      throw notDone(reasonText("salt_key_not_changed", { action, minion: name, state: is }));
    },
  };
}

/** What a function of the master's wheel returns. Throws `engine.unusable` when it is not permitted or failed. */
export async function wheel(
  api: SaltApi,
  fun: string,
  kwarg: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<unknown> {
  // Without `arg` beside it, Salt does not take `kwarg` for a wheel's named arguments.
  const answer = asRecord(
    await api.call({ client: "wheel", fun, arg: [], kwarg }, signal === undefined ? {} : { signal }),
  );
  const { return: value, success } = asRecord(answer.data);
  if (success === false) throw notDone(`Salt's ${fun} failed: ${oneLine(String(value))}`);
  return value;
}

function notDone(message: string): OmError {
  return new OmError("engine.unusable", message);
}
