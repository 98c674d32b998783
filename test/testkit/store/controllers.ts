import { expect, it } from "vitest";
import { aChange, anExecution, aRun, uniqueName } from "./builders.ts";
import type { StoreSuite } from "./context.ts";

const report = {
  version: "1.2.3",
  engines: [{ id: "ssh", usable: false, version: "", reason: "no key", mend: "put a credential", warning: "" }],
  load: { runs: 2, hosts: 64 },
  spool: { events: 5_000_000_000, bytes: 2 ** 40 },
  diskFreeBytes: 2 ** 45,
  clockSkewMilliseconds: -90_000,
};

export const controllersSuite: StoreSuite = (context) => {
  it("are made once, however many ask for it, and stay as they are", async () => {
    const { store } = context();
    const other = await context().openAgain();
    const name = uniqueName("bj");

    const made = await Promise.all([store, other, store].map(({ controllers }) => controllers.ensure(name, "bj")));
    await store.controllers.setZone(name, "sh");

    expect(made[0]).toEqual({
      name,
      zone: "bj",
      state: "enabled",
      version: "",
      engines: [],
      load: { runs: 0, hosts: 0 },
      spool: { events: 0, bytes: 0 },
    });
    expect(await other.controllers.ensure(name, "bj")).toMatchObject({ name, zone: "sh" });
    expect((await store.controllers.list()).filter((each) => each.name === name)).toHaveLength(1);
  });

  it("keep what they last said of themselves, and when they were first and last heard of", async () => {
    const { controllers } = context().store;
    const { name } = await controllers.ensure(uniqueName("bj"), "北京");

    await controllers.seen(name, 1000, report);
    await controllers.seen(name, 2000);
    await controllers.seen(name, 2000);

    expect(await controllers.get(name)).toEqual({
      name,
      zone: "北京",
      state: "enabled",
      firstSeenAt: 1000,
      lastSeenAt: 2000,
      ...report,
    });
  });

  it("are revoked for good until they are enrolled anew, and drained until they are not", async () => {
    const { controllers } = context().store;
    const name = uniqueName("bj");
    const certificate = { serial: "0a".repeat(16), issuedAt: 1000, expiresAt: 2_000_000 };
    expect(await controllers.enrol({ name, zone: "bj", certificate })).toMatchObject({ state: "enabled", certificate });

    await controllers.setState(name, "draining");
    expect(await controllers.get(name)).toMatchObject({ state: "draining" });
    await controllers.setState(name, "enabled");
    await controllers.setState(name, "revoked");
    await controllers.setState(name, "revoked");
    await expect(controllers.setState(name, "enabled")).rejects.toMatchObject({
      code: "store.conflict",
      message: expect.stringContaining(`omserver controller invite ${name}`) as string,
    });
    await controllers.seen(name, 5000, report);

    const fresh = { serial: "0b".repeat(16), issuedAt: 3000, expiresAt: 4_000_000 };
    await controllers.enrol({ name, zone: "sh", certificate: fresh });
    const renewed = { ...fresh, serial: "0c".repeat(16) };
    await controllers.setCertificate(name, renewed);
    expect(await controllers.get(name)).toMatchObject({
      state: "enabled",
      zone: "sh",
      certificate: renewed,
      lastSeenAt: 5000,
    });
  });

  it("go when no run is theirs any more", async () => {
    const { controllers, runs, credentials } = context().store;
    const { name } = await controllers.ensure(uniqueName("bj"), "bj");
    const orders = [{ controller: name, order: Buffer.from("order") }];
    const { run } = await runs.create(aRun(1, { orders, executions: [anExecution(0, { controller: name })] }));
    const credential = { name, kind: "key" as const, user: "", description: "", updatedBy: "alice", zones: [] };
    await credentials.put({ ...credential, heldBy: [name] });

    await expect(controllers.delete(name)).rejects.toMatchObject({ code: "inventory.in_use" });
    await runs.apply(aChange(run.uid, 1, 1, { controller: name, runEnded: true }));
    await controllers.delete(name);

    expect(await controllers.get(name)).toBeUndefined();
    expect((await credentials.list()).find((each) => each.name === name)?.heldBy).toEqual([]);
    for (const tried of [
      () => controllers.delete(name),
      () => controllers.setZone(name, "bj"),
      () => controllers.setState(name, "enabled"),
      () => controllers.seen(name, 1),
    ]) {
      await expect(tried()).rejects.toMatchObject({ code: "request.not_found" });
    }
  });

  it.each([
    ["", "bj"],
    ["Bj-1", "bj"],
    ["-bj", "bj"],
    ["a/b", "bj"],
    ["zone:bj", "bj"],
    ["a".repeat(64), "bj"],
    ["bj-1", ""],
    ["bj-1", "two words"],
    ["bj-1", "-bj"],
    ["bj-1", "b".repeat(64)],
  ])("refuse the name %j in the zone %j", async (name, zone) => {
    const { controllers } = context().store;

    await expect(controllers.ensure(name, zone)).rejects.toMatchObject({ code: "inventory.invalid" });
    await expect(controllers.enrol({ name, zone })).rejects.toMatchObject({ code: "inventory.invalid" });
  });
};
