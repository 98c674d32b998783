import { isDeepStrictEqual } from "node:util";
import { connectFields } from "../../../contract/connect-fields.ts";
import type { EngineId } from "../../../contract/engine.ts";
import { OmError } from "../../../contract/errors.ts";
import { foldHosts } from "../../../contract/host-range.ts";
import { reasonText } from "../../../contract/reasons.ts";
import { planHostsChange } from "../../plan/hosts-change.ts";
import { parseJumpHosts } from "../../plan/jump-hosts.ts";
import { addressOf } from "../../plan/place-hosts.ts";
import { completeQuery } from "../../plan/query-complete.ts";
import type { Host, HostChange } from "../../store/repositories/inventory.ts";
import type { Handlers } from "../call.ts";
import { pageOfHosts } from "../host-pages.ts";
import type { Services } from "../parts.ts";
import { executionView } from "../views.ts";
import { missing, selectHosts, visibleHost, visibleInventory } from "../visible.ts";
import type { Who } from "../who.ts";

const latestExecutions = 50;

/** Hosts, one by one and by query. */
export const hostHandlers = {
  async listHosts({ who, query }, { store }) {
    const { hosts } = await selectHosts(store, who, query.query, "match");
    return { ...pageOfHosts(hosts, query.cursor, query.limit), total: hosts.length };
  },

  async matchHosts({ who, body }, { store }) {
    const { hosts } = await selectHosts(store, who, body.query, "leave_out");
    const engines = Map.groupBy(hosts, ({ engines: [first] }) => first ?? "ssh");
    const appCategories = Map.groupBy(hosts, ({ appCategoryId }) => appCategoryId);
    return {
      count: hosts.length,
      hosts: foldHosts(hosts.map(({ name }) => name)),
      sample: hosts.slice(0, 20).map(({ id, name }) => ({ id, name })),
      engines: [...engines].map(([engine, { length }]) => ({ engine, count: length })),
      appCategories: [...appCategories].map(([id, { length }]) => ({ id, count: length })),
    };
  },

  async completeQuery({ who, body }, { store }) {
    return completeQuery(body.query, body.cursor, await visibleInventory(store, who));
  },

  async createHost({ who, body, audit }, { store }) {
    await checkHost(store, who, body);
    await audit({ action: "host.create", object: `host ${body.name}`, hosts: [body.name], detail: body });
    return store.inventory.createHost(body);
  },

  async getHostFacts({ who, params }, { store }) {
    const host = await visibleHost(store, who, params.id);
    return (await store.inventory.facts(host.id)) ?? { facts: {} };
  },

  async getHost({ who, params }, { store }) {
    const host = await visibleHost(store, who, params.id);
    const { scope } = await visibleInventory(store, who);
    const executions = await store.runs.executionsOfHost(host.id, latestExecutions);
    const seen = executions.filter(({ appCategoryId }) => scope === "all" || scope.includes(appCategoryId));
    return {
      host,
      executions: seen.map((each) => ({ ...executionView(each), runId: each.runId, moduleName: each.moduleName })),
    };
  },

  async changeHost({ who, params, body, audit }, { store }) {
    const host = await visibleHost(store, who, params.id);
    await checkHost(store, who, body);
    checkConnect(who, [host], body, "");
    await audit({ action: "host.change", object: `host ${host.name}`, hosts: [host.name], detail: body });
    await store.inventory.changeHosts([host.id], body);
    const { hosts } = await store.inventory.snapshot();
    return hosts.find(({ id }) => id === host.id) ?? missing("host", host.id);
  },

  async deleteHost({ who, params, audit }, { store }) {
    const host = await visibleHost(store, who, params.id);
    await audit({ action: "host.delete", object: `host ${host.name}`, hosts: [host.name] });
    await store.inventory.deleteHosts([host.id]);
  },

  async changeHosts({ who, body, audit }, { store }) {
    const { query, change, preview } = body;
    const matched = await countedHosts(store, who, body);
    await checkHost(store, who, change);
    checkConnect(who, matched, change, "/change");
    if (change.name !== undefined && matched.length > 1) {
      throw new OmError("inventory.invalid", reasonText("several_one_name", { count: matched.length }), {
        problems: [{ place: "/change/name", message: reasonText("name_left_out") }],
      });
    }
    const { hosts, effects } = planHostsChange(matched, change, await visibleInventory(store, who));
    const names = namesOf(hosts);
    const report = {
      changed: hosts.length,
      unchanged: matched.length - hosts.length,
      hosts: foldHosts(names),
      effects,
    };
    if (preview) return { ...report, applied: false };
    if (hosts.length > 0) {
      await audit({ action: "host.change", object: "hosts", hosts: names, detail: { query, change } });
      await store.inventory.changeHosts(idsOf(hosts), change);
    }
    return { ...report, applied: true };
  },

  async deleteHosts({ who, body, audit }, { store }) {
    const hosts = await countedHosts(store, who, body);
    await audit({ action: "host.delete", object: "hosts", hosts: namesOf(hosts), detail: { query: body.query } });
    await store.inventory.deleteHosts(idsOf(hosts));
    return { deleted: hosts.length };
  },

  async testHost({ who, params, audit }, { store, dispatcher }) {
    const host = await visibleHost(store, who, params.id);
    const { id, name, appCategoryId, zone, port, user, credential, proxyJump } = host;
    const canUse = await dispatcher.engineUse();
    const engine = host.engines.find((each) => canUse(host, each) !== false) ?? host.engines[0] ?? "ssh";
    await audit({ action: "host.test", object: `host ${name}`, hosts: [name] });
    const place = { id, appCategoryId, zone };
    const tested = { ...place, name, address: reachable(host, engine), port, engine, user, credential, proxyJump };
    return dispatcher.testConnection(tested, { userId: who.user.id, name: who.user.name });
  },

  async forgetHostKey({ who, params, audit }, { store, dispatcher }) {
    const host = await visibleHost(store, who, params.id);
    const address = reachable(host, "ssh");
    const detail = { address, port: host.port };
    await audit({ action: "host.forget_key", object: `host ${host.name}`, hosts: [host.name], detail });
    await dispatcher.forgetHostKey(address, host.port, { userId: who.user.id, name: who.user.name });
  },
} satisfies Partial<Handlers>;

/** Refuses (`inventory.invalid`) a category that the user cannot see and jump hosts that cannot be read. */
async function checkHost(store: Services["store"], who: Who, change: HostChange): Promise<void> {
  if (change.appCategoryId !== undefined) {
    const { appCategories } = await visibleInventory(store, who);
    if (!appCategories.some(({ id }) => id === change.appCategoryId)) {
      refuse("/appCategoryId", reasonText("missing_app_category", { id: change.appCategoryId }));
    }
  }
  if (change.proxyJump) {
    const jumps = parseJumpHosts(change.proxyJump);
    if ("message" in jumps) refuse("/proxyJump", reasonText("jumps_unreadable", { fault: jumps.message }));
  }
}

/** Refuses (`access.denied`) to change how hosts are reached to who may only keep their part of the inventory. */
function checkConnect(who: Who, hosts: readonly Host[], change: HostChange, place: string): void {
  if (who.permissions.has("hosts.connect")) return;
  const changed = connectFields.filter(
    (field) => change[field] !== undefined && hosts.some((host) => !isDeepStrictEqual(host[field], change[field])),
  );
  if (changed.length === 0) return;
  throw new OmError("access.denied", reasonText("connect_needs_everything"), {
    problems: changed.map((field) => ({ place: `${place}/${field}`, message: reasonText("connect_field") })),
  });
}

function refuse(place: string, message: string): never {
  throw new OmError("inventory.invalid", message, { problems: [{ place, message }] });
}

/** The hosts of a query whose number somebody has seen and repeated. */
async function countedHosts(
  store: Services["store"],
  who: Who,
  { query, expectedCount }: { readonly query: string; readonly expectedCount: number },
): Promise<readonly Host[]> {
  const { hosts } = await selectHosts(store, who, query, "match");
  if (hosts.length === expectedCount) return hosts;
  const message = reasonText("count_differs", { count: hosts.length, expected: expectedCount });
  throw new OmError("store.conflict", message, {
    problems: [{ place: "/expectedCount", message: reasonText("must_be", { value: hosts.length }) }],
  });
}

function reachable(host: Host, engine: EngineId): string {
  const address = addressOf(host, engine);
  if (address !== undefined) return address;
  throw new OmError("inventory.invalid", reasonText("host_needs_address", { host: host.name }));
}

function namesOf(hosts: readonly Host[]): string[] {
  return hosts.map(({ name }) => name);
}

function idsOf(hosts: readonly Host[]): number[] {
  return hosts.map(({ id }) => id);
}
