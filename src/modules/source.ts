import { stringify } from "yaml";
import type { ModuleManifest } from "../contract/module.ts";

/** The manifest as YAML text for the editor; `parseModule` of it gives the same manifest. Scripts stand as text blocks. */
export function moduleSource(manifest: ModuleManifest): string {
  return stringify(manifest, {
    version: "1.2",
    schema: "core",
    lineWidth: 0,
    blockQuote: "literal",
    aliasDuplicateObjects: false,
    minContentWidth: 0,
  });
}
