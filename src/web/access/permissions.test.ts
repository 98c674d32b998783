import { describe, expect, it } from "vitest";
import { type Permission, permissions } from "../../contract/http/route.ts";
import { dangers } from "../../contract/module.ts";
import { inventoryInScope, scopedAppCategories } from "../plan/scope.ts";
import { type AccessUser, mayRun, permissionsOf, type Role, scopeOf } from "./permissions.ts";

const roles: readonly Role[] = ["administrator", "operator", "viewer"];
const everything = { everything: true, functionCategories: [], appCategories: [] };

/** Who has it: a = administrator, o = operator, v = viewer; A, O, V only with a scope of everything. */
const table: Readonly<Record<Permission, string>> = {
  public: "a o v",
  self: "a o v",
  "inventory.read": "a o v",
  "inventory.write": "a",
  "hosts.connect": "A",
  "modules.read": "a o v",
  "modules.write": "A",
  "files.read": "a o v",
  "files.write": "a o",
  "runs.read": "a o v",
  "runs.start": "a o",
  "runs.adhoc": "a O",
  "credentials.manage": "A",
  "keys.manage": "A",
  "controllers.manage": "A",
  "users.manage": "A",
  "settings.manage": "A",
  "audit.read": "A O V",
  "hosts.report": "",
};

describe("permissions", () => {
  it.each(permissions)("%s is had by the roles of the table and no other", (permission) => {
    const holders = table[permission].split(" ");
    for (const role of roles) {
      const letter = role.slice(0, 1);
      const unscoped = holders.includes(letter) || holders.includes(letter.toUpperCase());
      expect(permissionsOf(role).has(permission), role).toBe(holders.includes(letter));
      expect(permissionsOf(role, { everything: false }).has(permission), role).toBe(holders.includes(letter));
      expect(permissionsOf(role, { everything: true }).has(permission), role).toBe(unscoped);
    }
  });

  it.each(dangers)("a %s module is for operators and administrators who are enabled", (danger) => {
    for (const role of roles) {
      expect(mayRun({ role, enabled: true, scope: everything }, danger)).toBe(role !== "viewer");
      expect(mayRun({ role, enabled: false, scope: everything }, danger)).toBe(false);
    }
  });
});

const appCategories = [
  { id: 12, functionCategoryId: 1 },
  { id: 11, functionCategoryId: 1 },
  { id: 21, functionCategoryId: 2 },
];
const scopes: readonly (readonly [AccessUser["scope"], "all" | readonly number[]])[] = [
  [everything, "all"],
  [{ everything: false, functionCategories: [], appCategories: [] }, []],
  [{ everything: false, functionCategories: [1], appCategories: [] }, [11, 12]],
  [{ everything: false, functionCategories: [1], appCategories: [11, 21] }, [11, 12, 21]],
  [{ everything: false, functionCategories: [9], appCategories: [99] }, []],
];

describe("scope", () => {
  it.each(scopes)("%j shows the app categories %j", (scope, expected) => {
    expect(scopedAppCategories(scope, appCategories)).toEqual(expected);
    expect(scopeOf({ role: "operator", enabled: true, scope }, { appCategories })).toEqual(expected);
    expect(scopeOf({ role: "operator", enabled: false, scope }, { appCategories })).toEqual([]);
  });

  it("an inventory in scope holds only its hosts and the categories above them", () => {
    const inventory = {
      hosts: [
        { id: 1, appCategoryId: 11 },
        { id: 2, appCategoryId: 21 },
      ],
      functionCategories: [{ id: 1 }, { id: 2 }],
      appCategories,
    };
    const seen = inventoryInScope(inventory, [21]);
    expect(seen).toEqual({
      hosts: [{ id: 2, appCategoryId: 21 }],
      functionCategories: [{ id: 2 }],
      appCategories: [{ id: 21, functionCategoryId: 2 }],
    });
    expect(inventoryInScope(inventory, "all")).toBe(inventory);
  });
});
