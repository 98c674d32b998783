import { sentenceReader } from "./sentence-reader.ts";

/** Every action that the audit records. A code stays for ever: it is part of the hash chain. */
export const auditActions = [
  "session.sign_in",
  "session.sign_in_failed",
  "session.sign_out",
  "session.link",
  "session.link_refused",
  "setup.administrator",
  "user.create",
  "user.change",
  "user.delete",
  "user.password",
  "user.password_refused",
  "user.sign_in_link",
  "token.create",
  "token.delete",
  "function_category.create",
  "function_category.change",
  "function_category.delete",
  "app_category.create",
  "app_category.change",
  "app_category.delete",
  "host.create",
  "host.change",
  "host.delete",
  "host.import",
  "host.discover",
  "host.test",
  "host.forget_key",
  "host.report_token",
  "host.report_token_delete",
  "host_key.trust",
  "host_key.accept",
  "host_key.reject",
  "host_key.delete",
  "credential.put",
  "credential.delete",
  "module.create",
  "module.change",
  "module.enable",
  "module.disable",
  "file.upload",
  "file.delete",
  "run.start",
  "run.rerun",
  "run.cancel",
  "run.approve",
  "run.reject",
  "run.delete",
  "view.save",
  "view.delete",
  "settings.change",
  "controller.invite",
  "controller.enrol",
  "controller.change",
  "controller.drain",
  "controller.undrain",
  "controller.probe",
  "controller.revoke",
  "order_keys.rotate",
  "demo_fleet.start",
  "demo_fleet.stop",
  "omserver-v1.import",
  "backup.write",
  "backup.restore",
] as const;

export type AuditAction = (typeof auditActions)[number];

/**
 * What records say that an action was done to, as the writers put it down. The text is in the hash chain, so a record
 * keeps it; who shows it in another language finds kind and name back by {@link readAuditPart}.
 */
export const auditParts = {
  user: "user {name}",
  token: "token {name}",
  host: "host {name}",
  hosts_of: "hosts of {engine}",
  key: "{engine} key {host}",
  category: "category {name}",
  credential: "credential {name}",
  module: "module {key}",
  module_version: "module {key} version {version#}",
  file: "file {name}",
  run: "run {id#}",
  runs_up_to: "{count#} runs up to run {id#}",
  view: "view {id#}",
  view_of: "view “{name}” of {scene}",
  controller: "controller {name}",
  one_time_link: "one-time link",
  order_keys: "order-signing keys",
  demo_fleet: "demo fleet",
  first_omserver: "dump of the first OMServer",
  /** Hosts, folded. */
  one_host: "1 host: {names}",
  many_hosts: "{count#} hosts: {names}",
  count_hosts: "{count#} hosts",
  /** Who, and from where. */
  server_console: "server console",
  enrolment: "enrolment from {address}",
  run_retention: "run retention",
  web_server: "web server",
} as const satisfies Record<string, string>;

export type AuditPart = keyof typeof auditParts;

/** The names of a hundred thousand hosts are a long text. */
const read = sentenceReader(auditParts, Number.POSITIVE_INFINITY);

export function readAuditPart(text: string): ReturnType<typeof read> {
  return read(text);
}
