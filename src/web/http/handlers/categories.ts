import { OmError } from "../../../contract/errors.ts";
import { reasonText } from "../../../contract/reasons.ts";
import type { AppCategory, FunctionCategory } from "../../store/repositories/inventory.ts";
import type { Handlers } from "../call.ts";
import type { Services } from "../parts.ts";
import { missing, visibleInventory } from "../visible.ts";
import type { Who } from "../who.ts";

/** The two levels of the category tree. Who sees only a part of it changes only what lies wholly inside that part. */
export const categoryHandlers = {
  async listCategories({ who }, { store }) {
    const { hosts, functionCategories, appCategories } = await visibleInventory(store, who);
    const counts = new Map<number, number>();
    for (const { appCategoryId } of hosts) counts.set(appCategoryId, (counts.get(appCategoryId) ?? 0) + 1);
    const apps = appCategories.map((app) => ({ ...app, hostCount: counts.get(app.id) ?? 0 }));
    const byFunction = Map.groupBy(apps, ({ functionCategoryId }) => functionCategoryId);
    return {
      functionCategories: functionCategories.map((category) => {
        const inside = byFunction.get(category.id) ?? [];
        const hostCount = inside.reduce((sum, app) => sum + app.hostCount, 0);
        return { ...category, hostCount, appCategories: inside };
      }),
    };
  },

  async createFunctionCategory({ who, body, audit }, { store }) {
    if (!who.user.scope.everything) {
      throw new OmError("access.denied", reasonText("category_needs_all"));
    }
    await audit({ action: "function_category.create", object: `category ${body.name}` });
    const { id } = await store.inventory.createFunctionCategory(body.name, body.zone);
    return { id };
  },

  async changeFunctionCategory({ who, params, body, audit }, { store }) {
    const { name, zone } = await ownFunctionCategory(store, who, params.id);
    checkZone(who, zone, body.zone);
    await audit({ action: "function_category.change", object: `category ${name}`, detail: body });
    await store.inventory.changeFunctionCategory(params.id, body);
  },

  async deleteFunctionCategory({ who, params, audit }, { store }) {
    const { name } = await ownFunctionCategory(store, who, params.id);
    await audit({ action: "function_category.delete", object: `category ${name}` });
    await store.inventory.deleteFunctionCategory(params.id);
  },

  async createAppCategory({ who, body, audit }, { store }) {
    const parent = await ownFunctionCategory(store, who, body.functionCategoryId);
    checkZone(who, "", body.zone);
    await audit({ action: "app_category.create", object: `category ${parent.name}/${body.name}` });
    const { id } = await store.inventory.createAppCategory(body.functionCategoryId, body.name, body.zone);
    return { id };
  },

  async changeAppCategory({ who, params, body, audit }, { store }) {
    const { category, path } = await visibleAppCategory(store, who, params.id);
    checkZone(who, category.zone, body.zone);
    if (body.functionCategoryId !== undefined) await ownFunctionCategory(store, who, body.functionCategoryId);
    await audit({ action: "app_category.change", object: `category ${path}`, detail: body });
    await store.inventory.changeAppCategory(params.id, body);
  },

  async deleteAppCategory({ who, params, audit }, { store }) {
    const { path } = await visibleAppCategory(store, who, params.id);
    await audit({ action: "app_category.delete", object: `category ${path}` });
    await store.inventory.deleteAppCategory(params.id);
  },
} satisfies Partial<Handlers>;

/** A zone says which controllers drive the hosts, as `hosts.connect` does of a host by itself. */
function checkZone(who: Who, before: string, zone: string | undefined): void {
  if (zone === undefined || zone === before || who.permissions.has("hosts.connect")) return;
  throw new OmError("access.denied", reasonText("connect_needs_everything"), {
    problems: [{ place: "/zone", message: reasonText("connect_field") }],
  });
}

/** A function category that the user may change as a whole. */
async function ownFunctionCategory(store: Services["store"], who: Who, id: number): Promise<FunctionCategory> {
  const { functionCategories } = await store.inventory.snapshot();
  const { everything, functionCategories: own } = who.user.scope;
  const found = everything || own.includes(id) ? functionCategories.find((each) => each.id === id) : undefined;
  return found ?? missing("function_category", id);
}

async function visibleAppCategory(
  store: Services["store"],
  who: Who,
  id: number,
): Promise<{ category: AppCategory; path: string }> {
  const { appCategories, functionCategories } = await visibleInventory(store, who);
  const category = appCategories.find((each) => each.id === id) ?? missing("app_category", id);
  const parent = functionCategories.find((each) => each.id === category.functionCategoryId);
  return { category, path: `${parent?.name ?? ""}/${category.name}` };
}
