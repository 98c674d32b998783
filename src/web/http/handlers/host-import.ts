import type { z } from "zod";
import type { importReport } from "../../../contract/http/schemas/inventory.ts";
import { hostsAsCsv } from "../../plan/export-csv.ts";
import { parseCsvHosts } from "../../plan/import-csv.ts";
import { discoveredRows } from "../../plan/import-discovered.ts";
import { planImport } from "../../plan/import-plan.ts";
import type { ParsedImport } from "../../plan/import-row.ts";
import { parseSshConfigHosts } from "../../plan/import-ssh-config.ts";
import type { AuditNote } from "../audit-note.ts";
import type { Bytes, Handlers } from "../call.ts";
import type { Services } from "../parts.ts";
import { selectHosts, visibleInventory } from "../visible.ts";
import { actorOf, type Who } from "../who.ts";

/** Hosts in bulk, from and to text. */
export const hostImportHandlers = {
  async importHosts({ who, body, audit }, { store }) {
    const { format, text, ...options } = body;
    const parsed = format === "csv" ? parseCsvHosts(text) : parseSshConfigHosts(text);
    return (await importParsed(store, who, audit, parsed, { ...options, detail: { format } })).report;
  },

  async importEngineHosts({ who, params, body, audit }, { store, dispatcher }) {
    const { groups, category } = body;
    const { engine } = params;
    await audit({ action: "host.discover", object: `hosts of ${engine}`, detail: { controller: body.controller } });
    const { hosts, withoutFacts } = await dispatcher.discoverHosts(body.controller, engine, actorOf(who));
    const { hosts: known } = await visibleInventory(store, who);
    const engines = new Map(known.map((host) => [host.name, host.engines]));
    const parsed = discoveredRows(hosts, { engine, groups, category, enginesOf: (name) => engines.get(name) });
    const { report, imported } = await importParsed(store, who, audit, parsed, {
      ...body,
      // Whose category is its group needs none besides.
      category: groups === "categories" ? "" : category,
      detail: { engine, controller: body.controller },
    });
    const taken = new Set(imported);
    const facts = hosts.filter((host) => taken.has(host.name));
    await store.inventory.learnFacts(
      new Map(facts.flatMap(({ name, facts: learnt }) => (learnt === undefined ? [] : [[name, learnt]]))),
    );
    return { ...report, withoutFacts };
  },

  async exportHosts({ who, query }, { store }): Promise<Bytes> {
    const { hosts, inventory } = await selectHosts(store, who, query.query, "match");
    return {
      content: asynchronous(hostsAsCsv(hosts, inventory)),
      fileName: "hosts.csv",
      type: "text/csv; charset=utf-8",
    };
  },
} satisfies Partial<Handlers>;

/** Plans, and unless it is a preview or stopped by a refused row, notes and writes. `imported` are the hosts written. */
async function importParsed(
  store: Services["store"],
  who: Who,
  audit: (note: AuditNote) => Promise<void>,
  parsed: ParsedImport,
  options: {
    readonly preview: boolean;
    readonly skipRefused: boolean;
    readonly category: string;
    readonly detail: Readonly<Record<string, unknown>>;
  },
): Promise<{ report: z.output<typeof importReport>; imported: readonly string[] }> {
  const { preview, skipRefused, category } = options;
  const visible = await visibleInventory(store, who);
  const { report, hosts } = planImport(parsed, visible, { category });
  const stopped = preview || (report.refused.length > 0 && !skipRefused);
  if (stopped || hosts.length === 0) return { report: { ...report, applied: !stopped }, imported: [] };
  const imported = hosts.map(({ name }) => name);
  const counts = { added: report.added.length, changed: report.changed.length };
  await audit({
    action: "host.import",
    object: "hosts",
    hosts: imported,
    detail: { ...options.detail, ...counts, category },
  });
  await store.inventory.importHosts(hosts);
  return { report: { ...report, applied: true }, imported };
}

async function* asynchronous(pieces: Iterable<string>): AsyncGenerator<string> {
  yield* pieces;
}
