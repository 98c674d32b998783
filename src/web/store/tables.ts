import type { Generated } from "kysely";
import type { ExecutionState } from "../../contract/states.ts";

/**
 * Rows as the databases hold them, alike on all three: times are milliseconds since 1970, booleans are 0 and 1, JSON is
 * text, SHA-256 is lower-case hex. The migrations make them.
 */
export interface Tables {
  inventory_version: { id: number; version: number };
  /** `zone` is empty where it is that of what stands above, for host and categories alike. */
  function_category: { id: Generated<number>; name: string; zone: Generated<string> };
  app_category: { id: Generated<number>; function_category_id: number; name: string; zone: Generated<string> };
  host: HostTable;
  module: {
    id: number;
    module_key: string;
    newest_version: number;
    built_in: number;
    /** Of the content that last came with the program: a start-up changes nothing while it stays the same. */
    built_in_sha256: string | null;
    enabled: number;
  };
  module_version: {
    module_id: number;
    version: number;
    name: string;
    description: string;
    parameters: string;
    manifest: string;
    sha256: string;
    updated_at: number;
    updated_by: string;
  };
  run: RunTable;
  controller_invitation: {
    token_sha256: string;
    controller: string;
    zone: string;
    created_at: number;
    created_by: string;
    expires_at: number;
  };
  controller_certificate: {
    serial: string;
    controller: string;
    issued_at: number;
    expires_at: number;
    revoked_at: number | null;
  };
  run_controller: { run_id: number; controller: string; last_seq: number; ended: number };
  /** An order in parts of at most a mebibyte: MySQL bounds a statement. */
  run_order: { run_id: number; controller: string; part: number; order_bytes: Buffer };
  /** The frozen plan of a run that waits for a second person, in parts as an order. */
  run_waiting_plan: { run_id: number; part: number; plan_bytes: Buffer };
  run_app_category: { run_id: number; app_category_id: number };
  execution: ExecutionTable;
  output_chunk: { run_id: number; position: number; stream: number; chunk_offset: number; bytes: number; data: Buffer };
  output: {
    sha256: string;
    block: number;
    total_bytes: number;
    encoding: number;
    data: Buffer;
    /** Of block 0: no run with a higher number has this content. */
    last_run_id: number | null;
  };
  execution_step: {
    run_id: number;
    position: number;
    seq: number;
    path: string;
    name: string;
    action: string;
    status: string;
    message: string;
    diff: string;
    milliseconds: number | null;
  };
  execution_notice: { run_id: number; position: number; seq: number; noticed_at: number; message: string };
  host_facts: { host_id: number; gathered_at: number; run_id: number | null; facts: string };
  app_user: {
    id: Generated<number>;
    name: string;
    folded_name: string;
    role: string;
    scope_everything: number;
    scope_function_categories: string;
    scope_app_categories: string;
    enabled: number;
    password_hash: string;
    created_at: number;
    last_sign_in_at: number | null;
  };
  token: {
    id: Generated<number>;
    kind: string;
    user_id: number | null;
    name: string;
    sha256: string;
    created_at: number;
    expires_at: number | null;
    last_used_at: number | null;
  };
  audit: {
    seq: number;
    occurred_at: number;
    actor: string;
    source: string;
    action: string;
    object: string;
    hosts: string;
    detail: string;
    previous_hash: string;
    hash: string;
  };
  library_file: {
    id: Generated<number>;
    name: string;
    /** The name again while this entry is the current one of that name, else null; unique. */
    current_name: string | null;
    sha256: string;
    bytes: number;
    uploaded_by: string;
    uploaded_at: number;
  };
  credential: {
    id: Generated<number>;
    name: string;
    kind: string;
    login_user: string;
    description: string;
    updated_at: number;
    updated_by: string;
    /** JSON list of the zones whose controllers are to hold it; none named is all. */
    zones: Generated<string>;
  };
  /** Which controllers have taken a credential, at its last put. */
  credential_controller: { credential_id: number; controller: string; put_at: number };
  controller: ControllerTable;
  shell_command: {
    id: Generated<number>;
    /** Null once the host is deleted, and for a name that the inventory does not know. */
    host_id: number | null;
    host_name: string;
    address: string;
    login_user: string;
    typed_at: number;
    received_at: number;
    command: string;
    source: string;
    /** Unique: a command that is reported or imported again is not written again. */
    source_key: string | null;
  };
  report_token: {
    host_id: number;
    sha256: string;
    created_at: number;
    created_by: string;
    last_used_at: number | null;
  };
  saved_view: {
    id: Generated<number>;
    user_id: number;
    scene: string;
    name: string;
    search: string;
    saved_at: number;
  };
  setting: { setting_key: string; content: string };
}

export interface ControllerTable {
  name: string;
  zone: string;
  state: string;
  first_seen_at: number | null;
  last_seen_at: number | null;
  version: Generated<string>;
  engines: string;
  certificate_serial: string | null;
  certificate_issued_at: number | null;
  certificate_expires_at: number | null;
  runs_in_flight: Generated<number>;
  hosts_in_flight: Generated<number>;
  spool_events: Generated<number>;
  spool_bytes: Generated<number>;
  disk_free_bytes: number | null;
  clock_skew_milliseconds: number | null;
}

export interface HostTable {
  id: Generated<number>;
  name: string;
  app_category_id: number;
  outer_address: string;
  inner_address: string;
  port: number;
  os: string;
  /** Ids in order of preference, separated by commas. */
  engine: string;
  login_user: string;
  credential: string;
  proxy_jump: string;
  tags: string;
  enabled: number;
  note: string;
  zone: Generated<string>;
  claim: Generated<number>;
  created_at: number;
  updated_at: number;
  /** `inventory_version.version` of its last change. */
  changed_in: number;
}

export type CountColumn = `${ExecutionState}_count`;

export type RunTable = {
  id: Generated<number>;
  uid: string;
  module_id: number;
  module_version: number;
  module_key: string;
  module_name_zh: string;
  module_name_en: string;
  danger: string;
  parameters: string;
  host_query: string;
  plan_sha256: string;
  width: number;
  wave_size: number | null;
  max_failures: number | null;
  become_user: string;
  timeout_milliseconds: number;
  requested_by: string;
  requested_by_user_id: number;
  rerun_of_run_id: number | null;
  rerun_selection: string | null;
  /** The run that it repeats was deleted. */
  rerun_of_gone: Generated<number>;
  idempotency_key: string | null;
  state: string;
  needs_attention: number;
  host_count: number;
  live_seq: number;
  reason: string;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  cancel_requested_by: string | null;
  /** Its controllers wait for one another: waves and the failure limit hold over all of them. */
  coordinated: Generated<number>;
  dry_run: Generated<number>;
  /** Null of a run that needs no second person. */
  approval_until: number | null;
  approval_decision: string | null;
  approval_by: string | null;
  approval_at: number | null;
  approval_comment: string | null;
} & Record<CountColumn, number>;

export interface ExecutionTable {
  run_id: number;
  position: number;
  host_id: number;
  host_name: string;
  address: string;
  engine: string;
  app_category_id: number;
  controller: string;
  wave: number;
  state: string;
  exit_code: number | null;
  end_signal: string;
  reason: string;
  started_at: number | null;
  finished_at: number | null;
  stdout_bytes: number;
  stderr_bytes: number;
  completeness: string | null;
  stdout_sha256: string | null;
  stderr_sha256: string | null;
  live_seq: number;
}
