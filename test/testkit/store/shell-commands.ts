import { describe, expect, it } from "vitest";
import type { NewShellCommand } from "../../../src/web/store/repositories/shell-commands.ts";
import { aHost, anAppCategory, uniqueName } from "./builders.ts";
import type { StoreContext, StoreSuite } from "./context.ts";

function aCommand(change: Partial<NewShellCommand> = {}): NewShellCommand {
  return {
    key: uniqueName("key"),
    hostName: "web1",
    address: "10.0.0.1",
    user: "root",
    typedAt: 1_700_000_000_000,
    command: "systemctl restart nginx",
    source: "shell",
    ...change,
  };
}

export const shellCommandsSuite: StoreSuite = (context) => {
  describe("commands", () => commands(context));
  describe("report tokens", () => tokens(context));
};

function commands(context: () => StoreContext): void {
  it("are kept once, newest first, page by page", async () => {
    const { shellCommands } = context().store;
    const user = uniqueName("user");
    const typed = [3, 1, 2, 2].map((typedAt, at) => aCommand({ user, typedAt, command: `c${at}` }));

    expect(await shellCommands.append(typed)).toBe(4);
    expect(await shellCommands.append([...typed, aCommand({ user, typedAt: 4, command: "c4" })])).toBe(1);

    const first = await shellCommands.list({ user }, { limit: 2 });
    const second = await shellCommands.list({ user }, { limit: 2, cursor: first.next ?? "" });
    const third = await shellCommands.list({ user }, { limit: 2, cursor: second.next ?? "" });
    expect(first.rows.map(({ command }) => command)).toEqual(["c4", "c0"]);
    expect(second.rows.map(({ command }) => command)).toEqual(["c3", "c2"]);
    expect(third.rows.map(({ command }) => command)).toEqual(["c1"]);
    expect(third.next).toBeUndefined();
    await expect(shellCommands.list({}, { limit: 1, cursor: "1" })).rejects.toMatchObject({ code: "request.invalid" });
  });

  it("are found by host, user, text and time, and counted by the hour", async () => {
    const { shellCommands, inventory } = context().store;
    const host = await inventory.createHost(aHost({ appCategoryId: await anAppCategory(context().store) }));
    const user = uniqueName("user");
    const hour = 3_600_000;
    await shellCommands.append([
      aCommand({ user, typedAt: hour * 10 + 5, hostId: host.id, hostName: host.name, command: "echo 100%_done 你好" }),
      aCommand({ user, typedAt: hour * 10 + 9, command: "ECHO other" }),
      aCommand({ user, typedAt: hour * 12, command: "\u0000 -x {{7*7}} 𝔘" }),
    ]);
    const found = async (filter: Parameters<typeof shellCommands.list>[0]) =>
      (await shellCommands.list({ user, ...filter }, { limit: 9 })).rows.length;

    expect(await found({ hostIds: [host.id] })).toBe(1);
    expect(await found({ hostIds: [] })).toBe(0);
    expect(await found({ text: "echo" })).toBe(2);
    expect(await found({ text: "100%_D" })).toBe(1);
    expect(await found({ from: hour * 10 + 9, to: hour * 12 })).toBe(1);
    expect(await found({ user: uniqueName("nobody") })).toBe(0);
    expect(await shellCommands.activity({ user })).toEqual([
      { hour: hour * 10, count: 2 },
      { hour: hour * 12, count: 1 },
    ]);
    await inventory.deleteHosts([host.id]);
    expect((await shellCommands.list({ user, text: "done" }, { limit: 9 })).rows[0]).toMatchObject({
      hostName: host.name,
      command: "echo 100%_done 你好",
    });
    expect(await found({ hostIds: [host.id] })).toBe(0);
  });

  it("that came meanwhile are told in the order in which they came", async () => {
    const { shellCommands } = context().store;
    const user = uniqueName("user");
    const before = await shellCommands.lastId();
    await shellCommands.append([aCommand({ user, typedAt: 2 }), aCommand({ user, typedAt: 1 })]);

    const newer = await shellCommands.newer({ user }, before, 10);

    expect(newer.map(({ typedAt }) => typedAt)).toEqual([2, 1]);
    expect(await shellCommands.newer({ user }, await shellCommands.lastId(), 10)).toEqual([]);
  });
}

function tokens(context: () => StoreContext): void {
  it("belong to one host, are replaced by a new one, and go with the host", async () => {
    const { shellCommands, inventory } = context().store;
    const host = await inventory.createHost(
      aHost({ appCategoryId: await anAppCategory(context().store), innerAddress: "", outerAddress: "192.0.2.9" }),
    );
    const [first, second] = [uniqueName("a").padEnd(64, "0"), uniqueName("b").padEnd(64, "0")];

    await shellCommands.setReportToken(host.id, first, "alice");
    await shellCommands.setReportToken(host.id, second, "alice");

    expect(await shellCommands.useReportToken(first, 1000)).toBeUndefined();
    expect(await shellCommands.useReportToken(second, 1000)).toEqual({
      hostId: host.id,
      hostName: host.name,
      address: "192.0.2.9",
    });
    await shellCommands.useReportToken(second, 2000);
    expect(await shellCommands.reportToken(host.id)).toMatchObject({ createdBy: "alice", lastUsedAt: 1000 });
    await inventory.deleteHosts([host.id]);
    expect(await shellCommands.useReportToken(second, 3000)).toBeUndefined();
    await expect(shellCommands.setReportToken(host.id, first, "alice")).rejects.toMatchObject({
      code: "request.not_found",
    });
  });

  it("can be taken away", async () => {
    const { shellCommands, inventory } = context().store;
    const host = await inventory.createHost(aHost({ appCategoryId: await anAppCategory(context().store) }));
    const token = uniqueName("c").padEnd(64, "0");
    await shellCommands.setReportToken(host.id, token, "alice");

    await shellCommands.deleteReportToken(host.id);

    expect(await shellCommands.useReportToken(token, 1)).toBeUndefined();
    expect(await shellCommands.reportToken(host.id)).toBeUndefined();
  });
}
