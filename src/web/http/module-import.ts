import type { z } from "zod";
import { OmError } from "../../contract/errors.ts";
import type { Routes } from "../../contract/http/routes.ts";
import type { modulePreview } from "../../contract/http/schemas/modules.ts";
import type { ModuleManifest } from "../../contract/module.ts";
import { reasonText } from "../../contract/reasons.ts";
import { canonicalJson, moduleSha256 } from "../../modules/content.ts";
import { moduleProblems, parseModule } from "../../modules/parse.ts";
import { supportedEngines } from "../../modules/render.ts";
import { moduleSource } from "../../modules/source.ts";
import type { StoredModule } from "../store/repositories/modules.ts";
import type { Call, Result } from "./call.ts";
import type { Services } from "./parts.ts";

type ImportCall = Pick<Call<Routes["importModule"]>, "who" | "body" | "audit">;
type Report = Result<Routes["importModule"]>;

/**
 * Looks at a module file, and unless it is a preview writes it: a module whose key there is not is added, another is
 * given a new version, and one with the same content is left alone. Throws `module.invalid` with the places of its
 * faults, also for a module that comes with OMServer, and `store.conflict` when `expectedVersion` is not the newest.
 */
export async function importModule({ who, body, audit }: ImportCall, store: Services["store"]): Promise<Report> {
  const problems = moduleProblems(body.source);
  if (problems.length > 0) {
    if (!body.preview) parseModule(body.source);
    return { ok: false, problems, action: "refused", reason: "", applied: false };
  }
  const { id: _, ...manifest } = parseModule(body.source);
  const stored = (await store.modules.list()).find(({ key }) => key === manifest.key);
  const report = { ...previewOf({ ...manifest, id: 0 }), ...planned(manifest, stored) };
  if (body.preview || report.action === "unchanged") return { ...report, applied: !body.preview };
  if (report.action === "refused") throw new OmError("module.invalid", report.reason);
  const change = { object: `module ${manifest.key}`, detail: { ...noted(manifest), imported: true } };
  await audit({ action: stored === undefined ? "module.create" : "module.change", ...change });
  const { id, version } =
    stored === undefined
      ? await store.modules.create(manifest, who.user.name)
      : await store.modules.addVersion(
          stored.id,
          { ...manifest, id: stored.id },
          body.expectedVersion ?? stored.version,
          who.user.name,
        );
  return { ...report, result: { id, version }, applied: true };
}

function planned(
  manifest: Omit<ModuleManifest, "id">,
  stored: StoredModule | undefined,
): Pick<Report, "action" | "reason" | "current" | "result"> {
  if (stored === undefined) return { action: "add", reason: "" };
  const { id, version } = stored;
  const { id: _, ...before } = stored.manifest;
  const current = { id, version, source: moduleSource(before) };
  if (canonicalJson(before) === canonicalJson(manifest)) {
    return { action: "unchanged", reason: "", current, result: { id, version } };
  }
  return stored.builtIn
    ? { action: "refused", reason: builtInStays(stored.key), current }
    : { action: "change", reason: "", current };
}

/** What a sound manifest makes: its form and who can run it. */
export function previewOf(manifest: ModuleManifest): z.output<typeof modulePreview> {
  const { key, name, description, danger, parameters } = manifest;
  const engines = [...supportedEngines(manifest)];
  return { ok: true, problems: [], module: { key, name, description, danger, engines, parameters } };
}

export function builtInStays(key: string): string {
  return reasonText("module_comes_along", { module: key });
}

/** What the audit keeps of a manifest. */
export function noted(manifest: Omit<ModuleManifest, "id">): Record<string, unknown> {
  return { danger: manifest.danger, sha256: moduleSha256({ ...manifest, id: 0 }) };
}
