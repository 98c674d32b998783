import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { aHost, anAppCategory, uniqueName } from "./builders.ts";
import type { StoreContext, StoreSuite } from "./context.ts";

export const librarySuite: StoreSuite = (context) => {
  describe("files", () => files(context));
  describe("credentials", () => credentials(context));
  describe("settings", () => settings(context));
};

function files(context: () => StoreContext): void {
  it("show the newest upload of a name and still find the older content", async () => {
    const { files } = context().store;
    const name = uniqueName("nginx.conf");
    const upload = (content: string) =>
      files.add({ name, sha256: hash("sha256", content, "hex"), bytes: 2 ** 40, uploadedBy: "alice" });

    const old = await upload(`${name} old`);
    const fresh = await upload(`${name} new`);

    expect(fresh).toMatchObject({ name, bytes: 2 ** 40, uploadedBy: "alice" });
    expect((await files.list()).filter((file) => file.name === name)).toEqual([fresh]);
    expect(await files.get(old.id)).toEqual(old);
    expect(await files.findByHash(old.sha256)).toEqual(old);
    await files.delete(fresh.id);
    expect((await files.list()).filter((file) => file.name === name)).toEqual([]);
    expect(await files.findByHash(old.sha256)).toEqual(old);
    expect(await files.findByHash(fresh.sha256)).toBeUndefined();
    await expect(files.delete(fresh.id)).rejects.toMatchObject({ code: "request.not_found" });
    await expect(files.add({ ...old, name: "a\0" })).rejects.toMatchObject({ code: "inventory.invalid" });
  });

  it("have one current upload when two come at once", async () => {
    const { store } = context();
    const other = await context().openAgain();
    const name = uniqueName("sysctl.conf");
    const upload = async (at: number) =>
      await [store, other][at % 2]?.files.add({
        name,
        sha256: hash("sha256", `${at}`, "hex"),
        bytes: 1,
        uploadedBy: "alice",
      });

    await Promise.allSettled([0, 1, 2, 3].map(upload));

    expect((await store.files.list()).filter((file) => file.name === name)).toHaveLength(1);
  });
}

function credentials(context: () => StoreContext): void {
  it("are kept by name and stay while a host names them", async () => {
    const { credentials, inventory } = context().store;
    const name = uniqueName("deploy");
    const first = {
      name,
      kind: "key" as const,
      user: "root",
      description: "old",
      updatedBy: "alice",
      zones: [],
      heldBy: [],
    };
    const { id } = await credentials.put(first);

    const changed = await credentials.put({ ...first, kind: "password", description: "new", updatedBy: "bob" });
    expect(changed).toMatchObject({ id, name, kind: "password", description: "new", updatedBy: "bob" });
    expect((await credentials.list()).filter((credential) => credential.name === name)).toEqual([changed]);
    const host = await inventory.createHost(
      aHost({ appCategoryId: await anAppCategory(context().store), credential: name }),
    );
    await expect(credentials.delete(id)).rejects.toMatchObject({
      code: "inventory.in_use",
      message: expect.stringContaining(host.name) as string,
    });
    await inventory.changeHosts([host.id], { credential: "" });
    await credentials.delete(id);
    expect((await credentials.list()).filter((credential) => credential.name === name)).toEqual([]);
    await expect(credentials.delete(id)).rejects.toMatchObject({ code: "request.not_found" });
  });

  it("know which controllers took the secret as it was last put", async () => {
    const { credentials } = context().store;
    const name = uniqueName("zones");
    const row = { name, kind: "key" as const, user: "", description: "", updatedBy: "alice" };

    await credentials.put({ ...row, zones: ["bj", "北京"], heldBy: ["bj-2", "bj-1"] });
    const { id } = await credentials.put({ ...row, zones: ["bj"], heldBy: ["bj-1", "bj-1"] });

    expect((await credentials.list()).find((credential) => credential.name === name)).toMatchObject({
      zones: ["bj"],
      heldBy: ["bj-1"],
    });
    await credentials.delete(id);
    const again = await credentials.put({ ...row, zones: [], heldBy: [] });
    expect(again).toMatchObject({ zones: [], heldBy: [] });
  });

  it("are one when two put the same name at once", async () => {
    const { store } = context();
    const other = await context().openAgain();
    const row = {
      name: uniqueName("same"),
      kind: "agent" as const,
      user: "",
      description: "",
      updatedBy: "alice",
      zones: [],
      heldBy: [],
    };

    const put = await Promise.all([store, other, store].map(({ credentials }) => credentials.put(row)));

    expect(new Set(put.map(({ id }) => id)).size).toBe(1);
  });
}

function settings(context: () => StoreContext): void {
  it("keep any JSON value; the last one wins", async () => {
    const { settings } = context().store;
    expect(await settings.get("none")).toBeUndefined();
    for (const value of [7, null, false, "a\0'\\ 𝔘", ["x"], { runWidth: 64, text: "x".repeat(1_048_576) }]) {
      await settings.set("run", value);
      expect(await settings.get("run")).toEqual(value);
    }
    await settings.set("run", undefined);
    expect(await settings.get("run")).toBeUndefined();
  });
}
