import { createHash } from "node:crypto";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { OmError } from "../../contract/errors.ts";
import { PlanSchema } from "../../contract/link/controller_pb.ts";
import type { ModuleManifest } from "../../contract/module.ts";
import { moduleSha256 } from "../../modules/content.ts";
import type { PlannableHost } from "./place-hosts.ts";
import { hiddenSecret, type PlanInput, planRun } from "./plan-run.ts";
import { previewReport, requireConfirmation, sizeOf } from "./preview-report.ts";

const restart: ModuleManifest = {
  id: 1007,
  key: "restart-service",
  name: { zh: "重启进程服务", en: "Restart a service" },
  description: { zh: "重启", en: "Restarts" },
  danger: "change",
  parameters: {
    type: "object",
    properties: {
      service: { type: "string", enum: ["nginx", "haproxy"] },
      token: { type: "string", format: "password" },
      wait: { type: "integer", default: 5 },
    },
    required: ["service"],
    additionalProperties: false,
  },
  run: {
    engines: {
      ssh: { kind: "script", interpreter: ["/bin/sh"], script: "systemctl restart x\n" },
      local: { kind: "script", interpreter: ["/bin/sh"], script: "systemctl restart x\n" },
    },
  },
};

const sha256 = createHash("sha256").update("content").digest("hex");
const sync: ModuleManifest = {
  ...restart,
  key: "sync-file",
  parameters: { type: "object", properties: { file: { type: "string", format: "file" } }, required: ["file"] },
  run: { all: { kind: "file", file: { parameter: "file" }, destination: "/etc/motd" } },
};

function hostOf(id: number, change: Partial<PlannableHost> = {}): PlannableHost {
  return {
    id,
    name: `web${id}`,
    appCategoryId: 1,
    outerAddress: "192.0.2.1",
    innerAddress: `10.0.0.${id}`,
    port: 22,
    engines: ["ssh"],
    user: "",
    credential: "",
    proxyJump: "",
    enabled: true,
    ...change,
  };
}

function inputOf(change: Partial<PlanInput> = {}): PlanInput {
  return {
    module: { id: restart.id, version: 3, manifest: restart },
    parameters: { service: "nginx", token: "canary-secret" },
    hosts: [hostOf(1), hostOf(2)],
    width: 64,
    connectTimeoutMilliseconds: 10_000,
    outputLimitBytes: 1_048_576,
    defaultTimeoutMilliseconds: 300_000,
    file: (sha) => (sha === sha256 ? { name: "motd", bytes: 7 } : undefined),
    ...change,
  };
}

function refusalOf(action: () => unknown): OmError {
  try {
    action();
  } catch (error) {
    if (error instanceof OmError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("a planned run", () => {
  it("is the same bytes and hash for the same input, whatever order the hosts came in", () => {
    const planned = planRun(inputOf({ hosts: [hostOf(10), hostOf(2), hostOf(1)] }));
    const again = planRun(inputOf({ hosts: [hostOf(1), hostOf(10), hostOf(2)] }));

    expect(planned.hosts.map(({ host }) => host.name)).toEqual(["web1", "web2", "web10"]);
    expect(toBinary(PlanSchema, planned.plan)).toEqual(toBinary(PlanSchema, again.plan));
    expect(planned.planSha256).toBe(createHash("sha256").update(toBinary(PlanSchema, planned.plan)).digest("hex"));
  });

  it.each<[string, Partial<PlanInput>]>([
    ["a parameter", { parameters: { service: "haproxy", token: "canary-secret" } }],
    ["a secret", { parameters: { service: "nginx", token: "other" } }],
    ["a host", { hosts: [hostOf(1)] }],
    ["an address", { hosts: [hostOf(1), hostOf(2, { innerAddress: "10.9.9.9" })] }],
    ["the width", { width: 1 }],
    ["the user", { becomeUser: "root" }],
    ["a limit", { outputLimitBytes: 4096 }],
    ["the waves", { waveSize: 1 }],
    ["the module", { module: { id: 1007, version: 4, manifest: { ...restart, danger: "read" } } }],
  ])("has another hash when %s is different", (_, change) => {
    expect(planRun(inputOf(change)).planSha256).not.toBe(planRun(inputOf()).planSha256);
  });

  it("carries what the controller needs, whole", () => {
    const planned = planRun(
      inputOf({
        hosts: [hostOf(1, { user: "ops", credential: "prod", proxyJump: "gate@192.0.2.9:2222,b" })],
        becomeUser: "root",
        maxFailures: 3,
      }),
    );

    const plan = fromBinary(PlanSchema, toBinary(PlanSchema, planned.plan));
    expect(Buffer.from(plan.moduleSha256).toString("hex")).toBe(moduleSha256(restart));
    expect(JSON.parse(Buffer.from(plan.parameters).toString())).toEqual({
      service: "nginx",
      token: "canary-secret",
      wait: 5,
    });
    expect(plan).toMatchObject({ becomeUser: "root", width: 64, maxFailures: 3, runTimeoutMs: 300_000n });
    expect(plan.hosts[0]).toMatchObject({
      position: 0,
      name: "web1",
      address: "10.0.0.1",
      port: 22,
      engine: "ssh",
      user: "ops",
      credential: "prod",
      jumps: [
        { user: "gate", address: "192.0.2.9", port: 2222, credential: "prod" },
        { user: "", address: "b", port: 22, credential: "prod" },
      ],
    });
  });

  it("says which hosts keep nothing of what they run", () => {
    const { plan } = planRun(inputOf({ hosts: [hostOf(1), hostOf(2, { claim: false }), hostOf(3, { claim: true })] }));

    expect(plan.hosts.map(({ unclaimed }) => unclaimed)).toEqual([false, true, false]);
  });

  it("hides secrets in what is shown and keeps them in the plan", () => {
    const planned = planRun(inputOf());
    expect(planned.shownParameters).toEqual({ service: "nginx", token: hiddenSecret, wait: 5 });
    expect(JSON.stringify(previewReport(planned, { confirmAboveHosts: 10 }))).not.toContain("canary-secret");
  });

  it("skips each host that cannot take part and says why; waves count the others", () => {
    const planned = planRun(
      inputOf({
        waveSize: 2,
        hosts: [
          hostOf(1),
          hostOf(2, { enabled: false }),
          hostOf(3, { innerAddress: "", outerAddress: "" }),
          hostOf(4, { proxyJump: "-oProxyCommand=id" }),
          hostOf(5, { engines: ["salt"] }),
          hostOf(6, { innerAddress: "" }),
          hostOf(7),
          hostOf(8, { engines: ["local"], innerAddress: "", outerAddress: "" }),
        ],
      }),
    );

    expect(planned.hosts.map(({ skipped }) => skipped?.slice(0, 24))).toEqual([
      undefined,
      "The host is disabled.",
      "The host has neither an ",
      "The host's jump hosts ca",
      "The module “restart-serv",
      undefined,
      undefined,
      undefined,
    ]);
    expect(planned.plan.hosts.map(({ position, address, wave }) => [position, address, wave])).toEqual([
      [0, "10.0.0.1", 0],
      [5, "192.0.2.1", 0],
      [6, "10.0.0.7", 1],
      [7, "web8", 1],
    ]);
  });

  it("names the library files of its parameters", () => {
    const module = { id: 1, version: 1, manifest: sync };
    const planned = planRun(inputOf({ module, parameters: { file: sha256 } }));
    expect(planned.plan.files).toMatchObject([{ sha256, bytes: 7n, name: "motd" }]);

    const refusal = refusalOf(() => planRun(inputOf({ module, parameters: { file: "0".repeat(64) } })));
    expect(refusal).toMatchObject({ code: "module.parameters", problems: [{ place: "/file" }] });
  });

  it.each<[string, Partial<PlanInput>, string]>([
    ["no host", { hosts: [] }, "query.no_hosts"],
    ["only hosts that are skipped", { hosts: [hostOf(1, { enabled: false })] }, "query.no_hosts"],
    ["no host of a fitting engine", { hosts: [hostOf(1, { engines: ["func"] })] }, "module.unsupported"],
    ["a wrong parameter", { parameters: { service: "nginx; rm" } }, "module.parameters"],
    ["an unknown parameter", { parameters: { service: "nginx", __proto__x: "1" } }, "module.parameters"],
  ])("%s is refused", (_, change, code) => {
    expect(refusalOf(() => planRun(inputOf(change))).code).toBe(code);
  });

  it("runs as the user that the module demands and as no other", () => {
    const module = { id: 1, version: 1, manifest: { ...restart, become: { user: "root" } } };
    expect(planRun(inputOf({ module })).becomeUser).toBe("root");
    expect(planRun(inputOf({ module, becomeUser: "" })).becomeUser).toBe("root");
    expect(refusalOf(() => planRun(inputOf({ module, becomeUser: "www" })))).toMatchObject({
      code: "request.invalid",
      problems: [{ place: "/becomeUser" }],
    });
  });
});

describe("of several engines", () => {
  const salted: ModuleManifest = {
    ...restart,
    run: {
      all: { kind: "command", argv: ["true"] },
      engines: { salt: { kind: "native", name: "state.single", arguments: { name: "nginx" } } },
    },
  };
  const module = { id: 1, version: 1, manifest: salted };
  const hosts = [hostOf(1, { engines: ["salt", "ssh"] })];
  const engineOf = (change: Partial<PlanInput>): string | undefined =>
    planRun(inputOf({ module, hosts, ...change })).hosts[0]?.engine;

  it("takes the first that can be used, then one of which nothing is known", () => {
    expect(engineOf({ canUse: () => true })).toBe("salt");
    expect(engineOf({ canUse: (_, engine) => engine === "ssh" })).toBe("ssh");
    expect(engineOf({ canUse: (_, engine) => (engine === "salt" ? false : undefined) })).toBe("ssh");
    expect(engineOf({ canUse: () => undefined })).toBe("salt");
    expect(engineOf({ canUse: () => false })).toBe("salt");
    expect(engineOf({})).toBe("salt");
  });

  it("leaves out those that have no implementation, and skips a host that has none left", () => {
    const native = { ...salted, run: { engines: salted.run.engines ?? {} } };
    const only = { id: 1, version: 1, manifest: native };
    const both = [hostOf(1, { engines: ["ssh", "salt"] }), hostOf(2, { engines: ["ssh", "func"] })];

    const planned = planRun(inputOf({ module: only, hosts: both, canUse: () => true }));

    expect(planned.hosts).toMatchObject([
      { engine: "salt" },
      { engine: "ssh", skipped: expect.stringMatching(/for the engine ssh\..*for the engine func\./) as string },
    ]);
    expect(planned.plan.hosts.map(({ engine }) => engine)).toEqual(["salt"]);
  });

  it("asks only those in a dry run that can say what would change", () => {
    const planned = planRun(inputOf({ module, hosts: [...hosts, hostOf(2)], check: true, canUse: () => true }));

    expect(planned.plan.check).toBe(true);
    expect(planned.hosts).toMatchObject([
      { engine: "salt" },
      { skipped: expect.stringContaining("cannot say what") as string },
    ]);
    expect(previewReport(planned, { confirmAboveHosts: 9 })).toMatchObject({ check: true, canCheck: true });
    expect(engineOf({ check: true, canUse: () => false })).toBe("salt");
  });
});

describe("the preview", () => {
  it("tells hosts, engines, tasks and what is skipped", () => {
    const hosts = [hostOf(1), hostOf(2), hostOf(3, { engines: ["local"] }), hostOf(4, { enabled: false })];
    const report = previewReport(planRun(inputOf({ hosts })), { confirmAboveHosts: 3 });

    expect(report).toMatchObject({
      hostCount: 3,
      hosts: "web[1-3]",
      engines: [
        { engine: "ssh", count: 2, lacks: [] },
        { engine: "local", count: 1, lacks: [] },
      ],
      skipped: [{ hosts: "web4", count: 1, reason: "The host is disabled." }],
      needsConfirmation: false,
      confirmationReason: "",
    });
    expect(report.tasks.map(({ engine }) => engine)).toEqual(["local", "ssh"]);
    expect(report.tasks[0]?.text).toContain("systemctl restart x");
  });

  it("asks for the host count when hosts are many or the module is destructive", () => {
    const destructive = { id: 1, version: 1, manifest: { ...restart, danger: "destructive" as const } };
    const many = planRun(inputOf());
    const dangerous = planRun(inputOf({ module: destructive }));

    expect(previewReport(many, { confirmAboveHosts: 1 }).confirmationReason).toBe("many_hosts");
    expect(previewReport(dangerous, { confirmAboveHosts: 100 }).confirmationReason).toBe("destructive");
    expect(refusalOf(() => requireConfirmation(sizeOf(many), 1, undefined)).code).toBe("run.confirmation");
    expect(refusalOf(() => requireConfirmation(sizeOf(many), 1, 3)).code).toBe("run.confirmation");
    expect(refusalOf(() => requireConfirmation(sizeOf(many), 100, 3)).code).toBe("run.confirmation");
    expect(() => requireConfirmation(sizeOf(many), 1, 2)).not.toThrow();
    expect(() => requireConfirmation(sizeOf(many), 100, undefined)).not.toThrow();
  });
});
