import type { z } from "zod";
import { canonicalJson } from "../../../contract/canonical-json.ts";
import type { firstOmserverReport } from "../../../contract/http/schemas/first-omserver.ts";
import type { ModuleManifest } from "../../../contract/module.ts";
import { reasonText } from "../../../contract/reasons.ts";
import { type ImportedHost, type KnownInventory, planImport } from "../import-plan.ts";
import type { CategoryPath } from "../import-row.ts";
import type { DumpCommand, DumpModule, FirstOmserver } from "./read-dump.ts";

/** A module of the catalogue; the store's `StoredModule` is one. */
export interface KnownModule {
  readonly id: number;
  readonly version: number;
  readonly key: string;
  readonly builtIn: boolean;
  readonly manifest: ModuleManifest;
}

export interface FirstOmserverPlan {
  readonly report: Omit<z.output<typeof firstOmserverReport>, "applied">;
  readonly functionCategories: readonly string[];
  readonly appCategories: readonly CategoryPath[];
  readonly hosts: readonly ImportedHost[];
  readonly newModules: readonly Omit<ModuleManifest, "id">[];
  readonly changedModules: readonly {
    readonly id: number;
    readonly version: number;
    readonly manifest: ModuleManifest;
  }[];
  readonly commands: readonly DumpCommand[];
}

/**
 * What taking over a dump would do to this installation; nothing is written. A host is known by its name and keeps what
 * the dump does not speak of, its engines among it; a module is known by its key. `knownCommands` are identities.
 */
export function planFirstOmserver(
  dump: FirstOmserver,
  inventory: KnownInventory,
  modules: readonly KnownModule[],
  knownCommands: ReadonlySet<string>,
): FirstOmserverPlan {
  const functionNames = new Set(inventory.functionCategories.map(({ name }) => name));
  const functionOf = new Map(inventory.functionCategories.map(({ id, name }) => [id, name]));
  const paths = new Set(
    inventory.appCategories.map((app) => pathKey(functionOf.get(app.functionCategoryId) ?? "", app.name)),
  );
  const functionCategories = dump.functionCategories.filter((name) => !functionNames.has(name));
  const appCategories = unique(dump.appCategories).filter(
    (app) => !paths.has(pathKey(app.functionCategory, app.appCategory)),
  );
  const known = new Set(inventory.hosts.map(({ name }) => name));
  const rows = dump.hosts.map((row) => {
    if (!known.has(row.name)) return row;
    const { engines: _, ...fields } = row.fields;
    return { ...row, fields };
  });
  const hosts = planImport({ rows, refused: [] }, inventory, { category: "" });
  const planned = planModules(dump.modules, modules);
  const fresh = unique(dump.commands).filter((command) => !knownCommands.has(command.identity));
  return {
    report: {
      functionCategories: {
        added: functionCategories,
        unchanged: dump.functionCategories.length - functionCategories.length,
      },
      appCategories: {
        added: appCategories.map(({ functionCategory, appCategory }) => `${functionCategory}/${appCategory}`),
        unchanged: unique(dump.appCategories).length - appCategories.length,
      },
      hosts: { added: hosts.report.added, changed: hosts.report.changed, unchanged: hosts.report.unchanged },
      modules: planned.report,
      commands: { added: fresh.length, unchanged: dump.commands.length - fresh.length },
      refused: [
        ...dump.refused,
        ...hosts.report.refused.map(({ line, text, reason }) => ({ line, table: "server_list", text, reason })),
      ].sort((left, right) => left.line - right.line),
      notes: [...dump.notes, ...planned.notes],
    },
    functionCategories,
    appCategories,
    hosts: hosts.hosts,
    newModules: planned.added,
    changedModules: planned.changed,
    commands: fresh,
  };
}

function planModules(read: readonly DumpModule[], known: readonly KnownModule[]) {
  const byKey = new Map(known.map((module) => [module.key, module]));
  const builtIn = new Map(known.filter((module) => module.builtIn).map((module) => [module.id, module]));
  const report: z.output<typeof firstOmserverReport>["modules"] = { added: [], changed: [], unchanged: 0 };
  const notes: z.output<typeof firstOmserverReport>["notes"] = [];
  const added: Omit<ModuleManifest, "id">[] = [];
  const changed: { id: number; version: number; manifest: ModuleManifest }[] = [];
  // A number that stands in the dump twice: the last one is what the table would hold.
  for (const { line, oldId, manifest } of new Map(read.map((module) => [module.oldId, module])).values()) {
    const shown = {
      line,
      oldId,
      key: manifest.key,
      name: manifest.name.zh,
      parameters: Object.entries(manifest.parameters.properties).map(([name, property]) => ({
        name,
        title: property.title ?? name,
        choices: (property.enum ?? []).map(String),
        ...(property.default === undefined ? {} : { default: String(property.default) }),
        ...(property.maxLength === undefined ? {} : { maxLength: property.maxLength }),
      })),
    };
    const ours = byKey.get(manifest.key);
    const whole = { ...manifest, id: ours?.id ?? 0 };
    if (ours !== undefined && canonicalJson(ours.manifest) === canonicalJson(whole)) {
      report.unchanged += 1;
      continue;
    }
    if (ours === undefined) {
      report.added.push(shown);
      added.push(manifest);
    } else {
      report.changed.push(shown);
      changed.push({ id: ours.id, version: ours.version, manifest: whole });
    }
    const same = builtIn.get(oldId);
    if (same !== undefined) {
      notes.push({
        line,
        table: "module_list",
        text: manifest.name.zh,
        reason: reasonText("dump_same_module", { id: same.id, name: same.manifest.name.zh, key: same.key }),
      });
    }
  }
  return { report, notes, added, changed };
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

function pathKey(functionCategory: string, appCategory: string): string {
  return JSON.stringify([functionCategory, appCategory]);
}
