import type { Readable } from "node:stream";
import type { z } from "zod";
import { OmError } from "../../../contract/errors.ts";
import { routes } from "../../../contract/http/routes.ts";
import type { shellCommandFilter } from "../../../contract/http/schemas/audit.ts";
import { reasonText } from "../../../contract/reasons.ts";
import type { ShellCommandFilter } from "../../store/repositories/shell-commands.ts";
import type { Store } from "../../store/store.ts";
import type { Bytes, Handlers } from "../call.ts";
import { exportedShellCommands } from "../export-shell-commands.ts";
import { ownAddress } from "../own-address.ts";
import { newReportToken } from "../report-token.ts";
import { tokenHash } from "../secret-token.ts";
import { liveShellCommands } from "../shell-live.ts";
import { readShellRecords } from "../shell-records.ts";
import { shellScript, shellScriptPath } from "../shell-script.ts";
import { selectHosts, visibleHost } from "../visible.ts";
import type { Who } from "../who.ts";

/** Commands that people typed in the shells of the hosts, as the hosts report them. */
export const shellCommandHandlers = {
  async reportShellCommands({ who, upload }, { store, reportAttempts }) {
    const { host } = who;
    if (host === undefined) throw new OmError("access.denied", reasonText("only_hosts_report"));
    reportAttempts.take(String(host.hostId));
    const records = readShellRecords(await bodyOf(upload));
    const taken = await store.shellCommands.append(
      records.map(({ key, ...record }) => ({ ...record, ...host, key: `${host.hostId}:${key}`, source: "shell" })),
    );
    return { taken };
  },

  async listShellCommands({ who, query }, { store }) {
    const { cursor, limit, ...filter } = query;
    const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
    const { rows, next } = await store.shellCommands.list(await filterOf(store, who, filter), page);
    return { rows, next };
  },

  async shellActivity({ who, query }, { store }) {
    return { hours: await store.shellCommands.activity(await filterOf(store, who, query)) };
  },

  async liveShellCommands(call, services) {
    const { after, ...filter } = call.query;
    const narrowed = await filterOf(services.store, call.who, filter);
    return liveShellCommands({ filter: narrowed, after, call, services });
  },

  async exportShellCommands({ who, query }, { store }): Promise<Bytes> {
    const { format, ...filter } = query;
    return exportedShellCommands(store.shellCommands, await filterOf(store, who, filter), format);
  },

  async createReportToken({ who, params, audit, request }, { store, config }) {
    const host = await visibleHost(store, who, params.id);
    const url = ownAddress(request, config.publicUrl);
    const token = newReportToken();
    await audit({ action: "host.report_token", object: `host ${host.name}`, hosts: [host.name] });
    await store.shellCommands.setReportToken(host.id, tokenHash(token), who.user.name);
    return { token, script: shellScript({ url, token }), path: shellScriptPath };
  },

  async deleteReportToken({ who, params, audit }, { store }) {
    const host = await visibleHost(store, who, params.id);
    await audit({ action: "host.report_token_delete", object: `host ${host.name}`, hosts: [host.name] });
    await store.shellCommands.deleteReportToken(host.id);
  },
} satisfies Partial<Handlers>;

async function filterOf(
  store: Store,
  who: Who,
  { query, ...filter }: z.output<typeof shellCommandFilter>,
): Promise<ShellCommandFilter> {
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined && value !== ""));
  if (query.trim() === "") return given;
  const { hosts } = await selectHosts(store, who, query, "match");
  return { ...given, hostIds: hosts.map(({ id }) => id) };
}

/** At most what the route takes; more is cut off before it is kept. */
async function bodyOf(upload: Readable): Promise<Uint8Array> {
  const most = routes.reportShellCommands.upload.maxBytes;
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of upload) {
    bytes += (part as Buffer).byteLength;
    if (bytes > most) throw new OmError("request.too_large", reasonText("report_too_large", { bytes: most }));
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}
