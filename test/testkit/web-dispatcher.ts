import { OmError } from "../../src/contract/errors.ts";
import type { Dispatcher } from "../../src/web/dispatch/dispatcher.ts";

/** The real dispatcher without a controller: runs are durable and queued; questions to a controller are only noted. */
export interface TestDispatcher extends Dispatcher {
  readonly told: { readonly what: string; readonly given: readonly unknown[] }[];
  /** Every question fails as it does when no controller is connected. */
  unreachable: boolean;
}

export function testDispatcher(real: Dispatcher): TestDispatcher {
  const told: TestDispatcher["told"] = [];
  function tell(what: string, ...given: unknown[]): void {
    if (dispatcher.unreachable) {
      throw new OmError("controller.unreachable", "Controller “main” is not connected. Start it and try again.");
    }
    told.push({ what, given });
  }
  const dispatcher: TestDispatcher = {
    ...real,
    told,
    unreachable: false,
    async putCredential(name, secret, zones) {
      tell("putCredential", name, secret, zones);
      return { heldBy: ["main"] };
    },
    deleteCredential: async (name) => tell("deleteCredential", name),
    async testConnection(host) {
      tell("testConnection", host);
      return { ok: true, message: "The host answered.", milliseconds: 3 };
    },
    setHostKeyPolicy: async (policy) => tell("setHostKeyPolicy", policy),
    forgetHostKey: async (address, port) => tell("forgetHostKey", address, port),
  };
  return dispatcher;
}
