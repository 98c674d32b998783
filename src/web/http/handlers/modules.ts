import { OmError } from "../../../contract/errors.ts";
import type { ModuleManifest } from "../../../contract/module.ts";
import { moduleSha256 } from "../../../modules/content.ts";
import { moduleProblems, parseModule } from "../../../modules/parse.ts";
import { supportedEngines } from "../../../modules/render.ts";
import type { StoredModule } from "../../store/store.ts";
import type { Handlers } from "../call.ts";
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
    const module = await store.modules.getVersion(params.id, query.version);
    if (module === undefined) {
      throw new OmError("request.not_found", `Module ${params.id} has no version ${query.version}.`);
    }
    return moduleDetailView({ ...module, enabled: newest.enabled });
  },

  async listModuleVersions({ params }, { store }) {
    await moduleById(store, params.id);
    return { versions: await store.modules.versions(params.id) };
  },

  async previewModule({ body }) {
    const problems = moduleProblems(body.source);
    if (problems.length > 0) return { ok: false, problems };
    const manifest = parseModule(body.source);
    const { key, name, description, danger, parameters } = manifest;
    const engines = supportedEngines(manifest);
    return { ok: true, problems: [], module: { key, name, description, danger, engines, parameters } };
  },

  async createModule({ who, body, audit }, { store }) {
    const { id: _, ...manifest } = parseModule(body.source);
    await audit({ action: "module.create", object: `module ${manifest.key}`, detail: noted(manifest) });
    return moduleDetailView(await store.modules.create(manifest, who.user.name));
  },

  async changeModule({ who, params, body, audit }, { store }) {
    const module = await moduleById(store, params.id);
    if (module.builtIn) {
      throw new OmError(
        "module.invalid",
        `Module “${module.key}” comes with OMServer and would be overwritten by the next version. Save your change as a module with another key.`,
      );
    }
    const manifest: ModuleManifest = { ...parseModule(body.source), id: module.id };
    if (manifest.key !== module.key) {
      throw new OmError("module.invalid", `The key of a module stays: it is “${module.key}”, not “${manifest.key}”.`, {
        problems: [{ place: "/key", message: `must be ${module.key}` }],
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

async function moduleById(store: Services["store"], id: number): Promise<StoredModule> {
  return (await store.modules.get(id)) ?? missing("module", id);
}

function noted(manifest: Omit<ModuleManifest, "id">): Record<string, unknown> {
  return { danger: manifest.danger, sha256: moduleSha256({ ...manifest, id: 0 }) };
}
