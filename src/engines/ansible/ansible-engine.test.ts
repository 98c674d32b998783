import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type AnsibleWorld,
  ansibleOfDebian,
  ansibleOfToday,
  startAnsibleWorld,
} from "../../../test/testkit/ansible.ts";
import { describeEngine, posixBehaviours } from "../../../test/testkit/engine-conformance.ts";
import { command, makeJob, runJob, script } from "../../../test/testkit/engine-run.ts";

const slow = { timeout: 240_000 };

describeEngine(
  "ansible",
  async () => {
    const { engine, context, host, hosts, folder, close } = await startAnsibleWorld({ programs: ansibleOfToday() });
    return {
      engine,
      context,
      hosts,
      unreachable: host(0, { name: "down", port: 1 }),
      holdsBackAlone: true,
      behaviours: posixBehaviours,
      posix: { folder, becomeUser: "nobody", contentFirst: true },
      close,
    };
  },
  slow,
);

describe("Debian's ansible-core", slow, () => {
  let world: AnsibleWorld;
  beforeAll(async () => {
    world = await startAnsibleWorld({ programs: ansibleOfDebian() });
  });
  afterAll(() => world?.close());

  it("carries commands, scripts and modules, tells unreachable hosts and cancels", async () => {
    const { engine, context, hosts, host } = world;
    const odd = host(3, { name: "down", port: 1 });

    const printed = await runJob(
      engine,
      makeJob(context, [...hosts(3), odd], command(["printf", "%s\\377", "{{7*7}} $(id)"])),
    );
    const scripted = await runJob(
      engine,
      makeJob(context, hosts(1), script("echo $OM_X; exit 7", { environment: { OM_X: "it's" } })),
    );
    const pinged = await runJob(
      engine,
      makeJob(context, hosts(2), { kind: "native", name: "ansible.builtin.ping", arguments: { data: "{{7*7}}" } }),
    );
    const cancel = new AbortController();
    const hung = await runJob(engine, makeJob(context, hosts(2), command(["sleep", "600"])), cancel.signal, (event) => {
      if (event.kind === "started" && event.position === 1) setTimeout(() => cancel.abort(), 3000);
    });

    expect(printed.stdout(2)).toEqual(Buffer.concat([Buffer.from("{{7*7}} $(id)"), Buffer.from([255])]));
    expect([0, 1, 2, 3].map((position) => printed.end(position).state)).toEqual(["ok", "ok", "ok", "unreachable"]);
    expect(scripted.stdout().toString()).toBe("it's\n");
    expect(scripted.end()).toMatchObject({ state: "failed", exitCode: 7 });
    expect(pinged.stdout(1).toString()).toContain("{{7*7}}");
    expect([...hung.ended.values()].map((event) => event.state)).toEqual(["cancelled", "cancelled"]);
  });
});
