import { stringify } from "yaml";
import type { ModuleManifest } from "../contract/module.ts";

/**
 * The manifest as YAML text for the editor; `parseModule` of it gives the same manifest. Scripts stand as text blocks, and
 * the number stands first, so that two versions differ in what was changed and in nothing else.
 */
export function moduleSource(manifest: Omit<ModuleManifest, "id"> & { readonly id?: number }): string {
  const { id, ...content } = manifest;
  return stringify(id === undefined ? content : { id, ...content }, {
    version: "1.2",
    schema: "core",
    lineWidth: 0,
    blockQuote: "literal",
    aliasDuplicateObjects: false,
    minContentWidth: 0,
  });
}

/**
 * A module as one file to hand on, manifest and scripts together: what `modules import`, the editor and a module folder
 * read. Its number is left out, since that belongs to the installation.
 */
export function moduleFile({ id: _, ...manifest }: ModuleManifest, version: number): string {
  return `# OMServer module ${manifest.key}, version ${version}\n${moduleSource(manifest)}`;
}
