import { randomUUID } from "node:crypto";
import { OmError } from "../../src/contract/errors.ts";
import type { Dispatcher } from "../../src/web/dispatch/dispatcher.ts";
import type { Store } from "../../src/web/store/store.ts";

/** Writes runs to the store like the real one, and notes what would go to a controller instead of sending it. */
export interface TestDispatcher extends Dispatcher {
  readonly told: { readonly what: string; readonly given: readonly unknown[] }[];
  /** What every question to the controller fails with, when set. */
  unreachable: boolean;
}

export function testDispatcher(store: Store): TestDispatcher {
  const told: TestDispatcher["told"] = [];
  function tell(what: string, ...given: unknown[]): void {
    if (dispatcher.unreachable) {
      throw new OmError("controller.unreachable", "Controller “main” is not connected. Start it and try again.");
    }
    told.push({ what, given });
  }
  const dispatcher: TestDispatcher = {
    told,
    unreachable: false,
    async start({ planned, query, actor, idempotencyKey, rerunOf }) {
      const { run, repeated } = await store.runs.create({
        uid: randomUUID(),
        moduleId: planned.module.id,
        moduleVersion: planned.module.version,
        moduleKey: planned.module.manifest.key,
        moduleName: planned.module.manifest.name,
        danger: planned.danger,
        parameters: planned.shownParameters,
        query,
        planSha256: planned.planSha256,
        width: planned.width,
        becomeUser: planned.becomeUser,
        timeoutMilliseconds: planned.timeoutMilliseconds,
        requestedBy: actor.name,
        requestedByUserId: actor.userId,
        ...(rerunOf === undefined ? {} : { rerunOf }),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        orders: [{ controller: "main", order: new Uint8Array([1]) }],
        executions: planned.hosts.map(({ position, host, address, wave, skipped }) => ({
          position,
          hostId: host.id,
          hostName: host.name,
          address,
          engine: host.engine,
          appCategoryId: host.appCategoryId,
          controller: skipped === undefined ? "main" : "",
          wave,
          ...(skipped === undefined ? {} : { skipped }),
        })),
      });
      if (repeated && run.planSha256 !== planned.planSha256) {
        throw new OmError("run.duplicate", "The idempotency key was used for another run.");
      }
      return run;
    },
    cancel: (runId, actor) => store.runs.requestCancel(runId, actor.name),
    attach: async () => undefined,
    controllers: () => [],
    putCredential: async (name, secret) => tell("putCredential", name, secret),
    deleteCredential: async (name) => tell("deleteCredential", name),
    async testConnection(host) {
      tell("testConnection", host);
      return { ok: true, message: "The host answered.", milliseconds: 3 };
    },
    setHostKeyPolicy: async (policy) => tell("setHostKeyPolicy", policy),
    forgetHostKey: async (address, port) => tell("forgetHostKey", address, port),
    probeEngines: async () => [],
    close: async () => undefined,
  };
  return dispatcher;
}
