import { describe, expect, it } from "vitest";
import { aManifest, uniqueName } from "./builders.ts";
import type { StoreContext, StoreSuite } from "./context.ts";

export const modulesSuite: StoreSuite = (context) => {
  describe("modules made in the console", () => own(context));
  describe("modules that come with the program", () => builtIn(context));
};

function own(context: () => StoreContext): void {
  it("get the next number from 2001 on, which their manifest carries", async () => {
    const { modules } = context().store;
    await modules.syncBuiltIn([aManifest({ id: 1001 })]);
    const { id: _, ...manifest } = aManifest();

    const first = await modules.create(manifest, "alice");
    const { id: __, ...other } = aManifest();
    const second = await modules.create(other, "alice");

    expect(first.id).toBe(2001);
    expect(second.id).toBe(2002);
    expect(first).toMatchObject({ key: manifest.key, version: 1, builtIn: false, enabled: true, updatedBy: "alice" });
    expect(first.manifest).toEqual({ ...manifest, id: 2001 });
    expect(first.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(await modules.get(2001)).toEqual(first);
    expect((await modules.list()).map(({ id }) => id)).toEqual([1001, 2001, 2002]);
    expect(await modules.get(999)).toBeUndefined();
  });

  it("get different numbers when two web servers make them at once", async () => {
    const { store } = context();
    const other = await context().openAgain();

    const made = await Promise.all(
      [store, other, store, other].map(({ modules }) => {
        const { id: _, ...manifest } = aManifest();
        return modules.create(manifest, "alice");
      }),
    );

    expect(new Set(made.map(({ id }) => id)).size).toBe(4);
  });

  it("keep every version, and refuse a change of one that is not the newest", async () => {
    const { modules } = context().store;
    const { id: _, ...manifest } = aManifest();
    const first = await modules.create(manifest, "alice");
    const changed = { ...first.manifest, danger: "change" as const };

    const second = await modules.addVersion(first.id, changed, 1, "bob");
    const same = await modules.addVersion(first.id, changed, 1, "carol");

    expect(second).toMatchObject({ version: 2, updatedBy: "bob", manifest: { danger: "change" } });
    expect(same).toEqual(second);
    await expect(modules.addVersion(first.id, first.manifest, 1, "bob")).rejects.toMatchObject({
      code: "store.conflict",
    });
    expect((await modules.versions(first.id)).map(({ version }) => version)).toEqual([2, 1]);
    expect(await modules.getVersion(first.id, 1)).toEqual(first);
    expect(await modules.getVersion(first.id, 3)).toBeUndefined();
    await expect(modules.addVersion(9999, changed, 1, "bob")).rejects.toMatchObject({ code: "request.not_found" });
  });

  it("have a key of their own", async () => {
    const { modules } = context().store;
    const { id: _, ...manifest } = aManifest();
    const first = await modules.create(manifest, "alice");
    const { id: __, ...other } = aManifest();
    const second = await modules.create(other, "alice");
    const taken = { code: "inventory.duplicate" };

    await expect(modules.create(manifest, "bob")).rejects.toMatchObject(taken);
    const stolen = { ...second.manifest, key: first.key };
    await expect(modules.addVersion(second.id, stolen, 1, "bob")).rejects.toMatchObject(taken);
    const renamed = { ...second.manifest, key: uniqueName("renamed") };
    expect(await modules.addVersion(second.id, renamed, 1, "bob")).toMatchObject({ key: renamed.key, version: 2 });
  });

  it("can be switched off and on", async () => {
    const { modules } = context().store;
    const { id: _, ...manifest } = aManifest();
    const { id } = await modules.create(manifest, "alice");

    await modules.setEnabled(id, false);
    expect(await modules.get(id)).toMatchObject({ enabled: false, version: 1 });
    await modules.setEnabled(id, true);
    expect(await modules.get(id)).toMatchObject({ enabled: true });
    await expect(modules.setEnabled(9999, true)).rejects.toMatchObject({ code: "request.not_found" });
  });

  it("keep whatever text is in them", async () => {
    const { modules } = context().store;
    const properties = JSON.parse('{"__proto__": {"type": "string", "default": "a\\u0000b"}}') as Record<string, never>;
    const script = `echo '𝔘' "$(touch canary)" {{7*7}}\n\0${"x".repeat(1_048_576)}`;
    const { id: _, ...manifest } = aManifest({
      name: { zh: "主机 😀 'quoted'", en: "100% _ !" },
      parameters: { type: "object", properties },
      run: { all: { kind: "script", interpreter: ["/bin/sh"], script } },
    });

    const { id } = await modules.create(manifest, "alice");

    const stored = await modules.get(id);
    expect(stored?.manifest).toEqual({ ...manifest, id });
    expect(Object.keys(stored?.manifest.parameters.properties ?? {})).toEqual(["__proto__"]);
  });
}

function builtIn(context: () => StoreContext): void {
  it("arrive once, also when two web servers start at once", async () => {
    const { store } = context();
    const other = await context().openAgain();
    const manifests = [aManifest({ id: 1101 }), aManifest({ id: 1102 })];

    await Promise.all([store, other, store].map(({ modules }) => modules.syncBuiltIn(manifests)));
    await other.modules.syncBuiltIn(manifests);

    for (const { id } of manifests) {
      expect(await store.modules.get(id)).toMatchObject({ version: 1, builtIn: true, enabled: true });
      expect(await store.modules.versions(id)).toHaveLength(1);
    }
  });

  it("get a version with each change that comes with the program, and leave an administrator's own alone", async () => {
    const { modules } = context().store;
    const shipped = aManifest({ id: 1201 });
    await modules.syncBuiltIn([shipped]);
    await modules.addVersion(1201, { ...shipped, timeoutMilliseconds: 5000 }, 1, "alice");
    await modules.setEnabled(1201, false);

    await modules.syncBuiltIn([shipped]);
    expect(await modules.get(1201)).toMatchObject({ version: 2, updatedBy: "alice" });
    const newer = { ...shipped, danger: "change" as const };
    await modules.syncBuiltIn([newer]);
    await modules.syncBuiltIn([newer]);

    expect(await modules.get(1201)).toMatchObject({ version: 3, enabled: false, manifest: newer });
  });

  it("say so when their key is taken", async () => {
    const { modules } = context().store;
    const { id: _, ...manifest } = aManifest();
    await modules.create(manifest, "alice");

    await expect(modules.syncBuiltIn([{ ...manifest, id: 1301 }])).rejects.toMatchObject({
      code: "inventory.duplicate",
      message: expect.stringContaining(manifest.key) as string,
    });
  });
}
