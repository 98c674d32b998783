import { OmError } from "../../../contract/errors.ts";
import { reasonText } from "../../../contract/reasons.ts";
import type { Handlers } from "../call.ts";
import { exportedAudit } from "../export-audit.ts";
import { readSettings, writeSettings } from "../settings.ts";
import { missing } from "../visible.ts";
import { actorOf } from "../who.ts";

const dayMilliseconds = 86_400_000;

/** Audit, credentials, settings. */
export const platformHandlers = {
  async listAudit({ query }, { store }) {
    const { cursor, limit, ...filter } = query;
    const page = await store.audit.list(filter, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return { rows: page.rows, next: page.next };
  },

  async auditActivity({ query }, { store }) {
    return { hours: await store.audit.activity(query) };
  },

  async exportAudit({ query }, { store }) {
    const { format, ...filter } = query;
    return exportedAudit(store.audit, filter, format);
  },

  async verifyAudit(_call, { store }) {
    const verified = await store.audit.verify();
    if (verified.ok) return { ok: true, records: verified.records, reason: "", lastHash: verified.lastHash };
    return { ok: false, records: verified.seq - 1, seq: verified.seq, reason: verified.reason, lastHash: "" };
  },

  async listCredentials(_call, { store }) {
    return { credentials: await store.credentials.list() };
  },

  async putCredential({ who, body, audit }, { store, dispatcher }) {
    const { name, description, secret, zones } = body;
    const user = secret.user ?? "";
    await audit({ action: "credential.put", object: `credential ${name}`, detail: { kind: secret.kind, user, zones } });
    const { heldBy } = await dispatcher.putCredential(name, secret, zones, actorOf(who));
    const updatedBy = who.user.name;
    return store.credentials.put({ name, kind: secret.kind, user, description, updatedBy, zones, heldBy });
  },

  async deleteCredential({ who, params, audit }, { store, dispatcher }) {
    const credentials = await store.credentials.list();
    const { name, heldBy } = credentials.find(({ id }) => id === params.id) ?? missing("credential", params.id);
    const { hosts } = await store.inventory.snapshot();
    const users = hosts.filter(({ credential }) => credential === name);
    if (users.length > 0) {
      throw new OmError(
        "inventory.in_use",
        reasonText("credential_named", { count: users.length, name, host: users[0]?.name ?? "" }),
      );
    }
    await audit({ action: "credential.delete", object: `credential ${name}` });
    await dispatcher.deleteCredential(name, heldBy, actorOf(who));
    await store.credentials.delete(params.id);
  },

  async getSettings(_call, { store }) {
    return readSettings(store.settings);
  },

  async countEndedRuns({ query }, { store, clock }) {
    const before = clock() - query.days * dayMilliseconds;
    return { ...(await store.retention.ended(before)), before };
  },

  async changeSettings({ who, body, audit }, { store, dispatcher }) {
    const before = await readSettings(store.settings);
    const from = Object.fromEntries(Object.keys(body).map((name) => [name, before[name as keyof typeof before]]));
    await audit({ action: "settings.change", object: "settings", detail: { from, to: body } });
    // The controller first: a policy that it does not follow must not show as set.
    if (body.hostKeyPolicy !== undefined) await dispatcher.setHostKeyPolicy(body.hostKeyPolicy, actorOf(who));
    await writeSettings(store.settings, body);
    return readSettings(store.settings);
  },
} satisfies Partial<Handlers>;
