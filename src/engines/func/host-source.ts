import { readdir } from "node:fs/promises";
import type { DiscoveredHost, HostSource } from "../../contract/engine.ts";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { FuncSettings } from "./settings.ts";

const suffix = ".cert";

/** The minions that certmaster has signed: a file `<hostname>.cert` each in its folder. */
export function createHostSource({ certificatesFolder }: FuncSettings): HostSource {
  return {
    async discover() {
      const names = await readdir(certificatesFolder).catch((cause: unknown) => {
        const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
        throw new OmError(
          "engine.unusable",
          reasonText("func_signed_unread", { folder: certificatesFolder, detail: code }),
          { cause },
        );
      });
      return names
        .filter((name) => name.endsWith(suffix) && name.length > suffix.length)
        .map((name) => name.slice(0, -suffix.length))
        .sort()
        .map((name): DiscoveredHost => ({ name, address: name, groups: [] }));
    },
  };
}
