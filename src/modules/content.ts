import { createHash } from "node:crypto";
import { canonicalJson } from "../contract/canonical-json.ts";
import type { ModuleManifest } from "../contract/module.ts";

export { canonicalJson };

/** SHA-256, lower-case hex, of the manifest's canonical JSON. The order of keys does not matter, everything else does. */
export function moduleSha256(manifest: ModuleManifest): string {
  return createHash("sha256").update(canonicalJson(manifest), "utf8").digest("hex");
}
