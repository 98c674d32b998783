import { OmError } from "../../../contract/errors.ts";
import { reasonText } from "../../../contract/reasons.ts";
import type { Handlers } from "../call.ts";
import type { Services } from "../parts.ts";
import { actorOf } from "../who.ts";

const credential = "demo-fleet";

/** Hosts to try the product with. */
export const demoFleetHandlers = {
  async getDemoFleet(_call, { demoFleet }) {
    return { available: demoFleet !== undefined, listening: demoFleet?.listening ?? 0 };
  },

  async startDemoFleet({ who, audit }, { store, dispatcher, demoFleet }) {
    const fleet = existing(demoFleet);
    await audit({ action: "demo_fleet.start", object: "demo fleet", detail: { credential } });
    const { hostsCsv, user, privateKey } = await fleet.start(credential);
    const secret = { kind: "key", user, privateKey } as const;
    const { heldBy } = await dispatcher.putCredential(credential, secret, [], actorOf(who));
    const description = "Key of the demo fleet";
    const updatedBy = who.user.name;
    await store.credentials.put({ name: credential, kind: "key", user, description, updatedBy, zones: [], heldBy });
    return { hostsCsv };
  },

  async stopDemoFleet({ who, audit }, { store, dispatcher, demoFleet }) {
    const fleet = existing(demoFleet);
    const { hosts } = await store.inventory.snapshot();
    const users = hosts.filter((host) => host.credential === credential);
    // Somebody may have given the credential to another host: that one stays, and so does the credential.
    const demo = users.filter(({ innerAddress }) => innerAddress.startsWith("127."));
    await audit({
      action: "demo_fleet.stop",
      object: "demo fleet",
      hosts: demo.map(({ name }) => name),
    });
    await fleet.stop();
    await store.inventory.deleteHosts(demo.map(({ id }) => id));
    const kept = (await store.credentials.list()).find(({ name }) => name === credential);
    if (kept !== undefined && users.length === demo.length) {
      await dispatcher.deleteCredential(credential, kept.heldBy, actorOf(who));
      await store.credentials.delete(kept.id);
    }
    return { deleted: demo.length };
  },
} satisfies Partial<Handlers>;

function existing(fleet: Services["demoFleet"]): NonNullable<Services["demoFleet"]> {
  if (fleet !== undefined) return fleet;
  throw new OmError("request.not_found", reasonText("demo_not_here"));
}
