import { OmError } from "../../../contract/errors.ts";
import type { ModuleManifest } from "../../../contract/module.ts";
import { reasonText } from "../../../contract/reasons.ts";
import { moduleProblems, parseModule } from "../../../modules/parse.ts";
import { moduleFile } from "../../../modules/source.ts";
import type { StoredModule } from "../../store/repositories/modules.ts";
import type { Bytes, Handlers } from "../call.ts";
import { builtInStays, importModule, noted, previewOf } from "../module-import.ts";
import type { Services } from "../parts.ts";
import { moduleDetailView, moduleSummaryView } from "../views.ts";
import { missing } from "../visible.ts";

/** The catalogue of task modules. */
export const moduleHandlers = {
  async listModules(_call, { store }) {
    return { modules: (await store.modules.list()).map(moduleSummaryView) };
  },

  async getModule({ params, query }, { store }) {
    const newest = await moduleById(store, params.id);
    if (query.version === undefined) return moduleDetailView(newest);
    const module = await moduleVersion(store, params.id, query.version);
    return moduleDetailView({ ...module, enabled: newest.enabled });
  },

  async listModuleVersions({ params }, { store }) {
    await moduleById(store, params.id);
    return { versions: await store.modules.versions(params.id) };
  },

  async previewModule({ body }) {
    const problems = moduleProblems(body.source);
    return problems.length > 0 ? { ok: false, problems } : previewOf(parseModule(body.source));
  },

  async exportModule({ params, query }, { store }): Promise<Bytes> {
    const newest = await moduleById(store, params.id);
    const { version = newest.version } = query;
    const module = version === newest.version ? newest : await moduleVersion(store, params.id, version);
    return {
      content: Buffer.from(moduleFile(module.manifest, version)),
      fileName: `${module.key}-v${version}.yaml`,
      type: "application/yaml; charset=utf-8",
    };
  },

  importModule(call, { store }) {
    return importModule(call, store);
  },

  async createModule({ who, body, audit }, { store }) {
    const { id: _, ...manifest } = parseModule(body.source);
    await audit({ action: "module.create", object: `module ${manifest.key}`, detail: noted(manifest) });
    return moduleDetailView(await store.modules.create(manifest, who.user.name));
  },

  async changeModule({ who, params, body, audit }, { store }) {
    const module = await moduleById(store, params.id);
    if (module.builtIn) throw new OmError("module.invalid", builtInStays(module.key));
    const manifest: ModuleManifest = { ...parseModule(body.source), id: module.id };
    if (manifest.key !== module.key) {
      throw new OmError("module.invalid", reasonText("module_key_stays", { key: module.key, other: manifest.key }), {
        problems: [{ place: "/key", message: reasonText("must_be", { value: module.key }) }],
      });
    }
    await audit({ action: "module.change", object: `module ${module.key}`, detail: noted(manifest) });
    return moduleDetailView(await store.modules.addVersion(module.id, manifest, body.expectedVersion, who.user.name));
  },

  async setModuleEnabled({ params, body, audit }, { store }) {
    const module = await moduleById(store, params.id);
    await audit({ action: body.enabled ? "module.enable" : "module.disable", object: `module ${module.key}` });
    await store.modules.setEnabled(module.id, body.enabled);
  },
} satisfies Partial<Handlers>;

async function moduleVersion(store: Services["store"], id: number, version: number) {
  const module = await store.modules.getVersion(id, version);
  if (module !== undefined) return module;
  throw new OmError("request.not_found", reasonText("missing_module_version", { id, version }));
}

async function moduleById(store: Services["store"], id: number): Promise<StoredModule> {
  return (await store.modules.get(id)) ?? missing("module", id);
}
