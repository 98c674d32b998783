/**
 * The sentences by which OMServer says why a host or a run ended as it did, each with a code that never changes. API,
 * CLI, log and database carry the English sentence; who shows it in another language finds code and values back by
 * {@link readReason}. What is not in here (words of hosts and of other tools) is shown as it came.
 */
export const reasonTemplates = {
  // Before the start, by the plan.
  host_disabled: "The host is disabled.",
  host_without_address: "The host has neither an inner nor an outer address.",
  jump_hosts_unreadable: "The host's jump hosts cannot be read: {detail}.",
  module_not_for_engine: "The module “{module}” has no implementation for the engine {engine}.",
  engine_cannot_check: "The engine {engine} cannot say what “{module}” would change without doing it.",
  // By the controller.
  cancelled_before_start: "Cancelled by {actor} before it started.",
  not_started_because: "Not started: {why}",
  order_expired_meanwhile: "Not started: the order expired while the controller was stopped.",
  too_many_failures: "Not started: more than {count} hosts of this run had failed.",
  engine_missing: "The controller “{controller}” has no {engine} engine.",
  engine_gave_no_result: "The {engine} engine gave no result for this host. Look at the host before running it again.",
  engine_silent: "The {engine} engine no longer answers. Look at the host before running it again.",
  engine_broke: "The {engine} engine broke: {detail}",
  controller_stopped: "The controller stopped while it ran. Look at the host before running it again.",
  kept_nothing:
    "The controller stopped while it ran, and {host} is set to keep nothing of it. Look at the host before running it again.",
  order_unreadable: "The kept order cannot be read any more. Start the run anew.",
  another_order_accepted: "Another order of the same run was accepted before.",
  // By the web server.
  run_ended_without_result: "The controller ended the run without a result for this host",
  state_unknown_here: "The controller gave the state “{state}”, which this web server does not know.",
  // By engines.
  exit_code: "It ended with exit code {code}.",
  exit_signal: "It was ended by signal {signal}.",
  run_cancelled_before_start: "The run was cancelled before this host was started.",
  taken_out_before_start: "It was taken out of the run before it was started.",
  engine_closed_before_start: "The SSH engine was closed before this host was started.",
  cancelled_and_ended: "The run was cancelled; all its processes on {host} were ended.",
  timed_out_and_ended: "It ran longer than {time}; all its processes on {host} were ended.",
  cancel_unconfirmed: "The run was cancelled; its end on {host} could not be confirmed: {detail}",
  timeout_unconfirmed: "It ran longer than {time}; its end on {host} could not be confirmed: {detail}",
  lost_while_running: "The connection to {host} was lost while the task ran; it may still be running there.",
  lost_after_sending: "The connection to {host} was lost after the task was sent; whether it ran is not known.",
  shell_ended_early: "The shell on {host} ended before the task began.",
  sudo_password_refused: "sudo on {host} did not accept the password. Check the credential's sudo password.",
  sudo_wants_password:
    "sudo on {host} wants a password ({said}). Set the credential's sudo password or allow NOPASSWD.",
  key_encrypted: "The private key is encrypted and no passphrase is set. Set the credential's passphrase.",
  key_passphrase_wrong: "The private key could not be decrypted: the passphrase is wrong.",
  certificate_not_yet_valid: "The certificate “{certificate}” is not valid yet.",
  certificate_expired: "The certificate “{certificate}” expired at {time}. Have it signed again.",
  agent_failed: "{host} could not be signed in to: the SSH agent failed ({detail}). Check the agent and its keys.",
  credential_unusable: "The credential “{credential}” cannot be used: {detail}",
  credential_missing:
    "The host has no credential, and this machine has neither an SSH agent nor a key in ~/.ssh. Set the host's credential.",
  no_answer_in_time: "{host} did not answer within {time}. Check the address, the host and firewalls on the way.",
  no_handshake_in_time:
    "{host} did not complete the SSH handshake within {time}. Check the address, the host and firewalls on the way.",
  no_sign_in_in_time:
    "{host} did not complete the sign-in within {time}. Check the address, the host and firewalls on the way.",
  connection_refused: "{host} refused the connection. Check that sshd runs there and listens on this port.",
  no_route: "{host} cannot be reached: no route, or the host is down. Check the address and the network.",
  no_network:
    "{host} cannot be reached: there is no route to its network. Check the address and this machine's routes.",
  connection_cut:
    "{host} cut the connection before sign-in. Check sshd's log there (MaxStartups, allow lists, firewalls).",
  no_such_name: "{host} has no such name in DNS. Check the address.",
  sign_in_refused: "{host} refused the sign-in. Check user and credential.",
  host_key_unknown:
    "{host} showed a host key that is not known here. Compare its fingerprint on the host, then add the key to the known hosts or allow trust on first use.",
  /** Stands in the place of a host's name. */
  jump_host: "The jump host {place}",
  host_key_changed:
    "{host} showed a DIFFERENT host key than the known one: it was reinstalled, or someone is in between. Nothing was sent. Check the host; if it is right, remove the old key.",
  // By Salt.
  salt_no_key: "The Salt master has no accepted key of a minion “{minion}”. Start the minion, and accept its key.",
  salt_key_gone: "The Salt master has no accepted key of a minion “{minion}” any more.",
  salt_no_ping:
    "The minion “{minion}” did not answer the master's ping within {time}. See whether salt-minion runs there and reaches the master.",
  salt_not_connected:
    "The minion “{minion}” is not connected to its master, and did not answer a ping within {time}. See whether salt-minion runs there and reaches the master.",
  salt_cancelled_before_task: "The run was cancelled before the task began on {host}.",
  salt_timed_out_before_task: "It ran longer than {time} before the task began on {host}.",
  salt_never_reached: "The task did not reach {host}, and can no longer begin there.",
  salt_lost: "What became of the task on {host} is not known: {detail}. Look at the host.",
  salt_perhaps_taken: "It is not known whether Salt took the job: {detail}",
  salt_job_gone: "{host} no longer runs the job and returned nothing. Look at the host.",
  salt_cancel_ended: "The run was cancelled; Salt ended its job on {host}.",
  salt_timeout_ended: "It ran longer than {time}; Salt ended its job on {host}.",
  salt_cancel_unproved: "The run was cancelled; that its job on {host} ended could not be confirmed.",
  salt_timeout_unproved: "It ran longer than {time}; that its job on {host} ended could not be confirmed.",
  cancel_unproved: "The run was cancelled; its end on {host} could not be confirmed.",
  timeout_unproved: "It ran longer than {time}; its end on {host} could not be confirmed.",
  salt_states_failed: "{failed} of {count} states failed.",
  salt_said_failed: "Salt says that it did not succeed.",
  salt_returned_false: "The function returned “false”.",
  salt_no_function_name: "“{name}” is not a name of a Salt function, such as service.restart.",
  salt_no_argument_name: "“{name}” is not a name of an argument of a Salt function.",
  salt_cannot_become: "Salt's own functions run as the minion's account; they cannot become “{user}”.",
  salt_no_dry_run: "Salt knows no dry run of {function}: only of states and files.",
  salt_secret_argument:
    "A secret argument would stay in the master's job cache. Allow that by engines.salt.secretsInJobs, or use a script.",
  salt_secret:
    "A secret would stay in the master's job cache. Set engines.salt.fileRoot (docs/operators.md), or allow it by secretsInJobs.",
  salt_api_late:
    "salt-api at {url} did not answer in time. See that salt-api runs there and that its port is open for the controller.",
  salt_api_unreachable:
    "salt-api at {url} cannot be reached ({detail}). See that salt-api runs there and that its port is open for the controller.",
  salt_api_without_master:
    "salt-api at {url} answers, but does not reach its Salt master. See that salt-master runs there.",
  salt_api_sign_in:
    "salt-api at {url} refused the sign-in of “{user}” by {eauth}. Check engines.salt.user, eauth and the password file, and that external_auth of the master knows the account.",
  salt_file_server:
    "{host} could not fetch what the task needs from the master's file server. See that {folder} is in the master's file_roots (base), and that the master may read what the controller writes there.",
  salt_not_fetched: "{host} did not fetch what the task needs in time.",
  salt_cancelled_before_file: "The run was cancelled before the file was replaced.",
  // Notices of engines.
  host_key_shown: "The key shown by {place}: {key}.",
  host_key_trusted: "The host key of {place} was trusted on first use.",
} as const satisfies Record<string, string>;

export type ReasonCode = keyof typeof reasonTemplates;

type PlacesOf<Template extends string> = Template extends `${string}{${infer Place}}${infer Rest}`
  ? Place | PlacesOf<Rest>
  : never;
type Values<Code extends ReasonCode> = {
  readonly [Place in PlacesOf<(typeof reasonTemplates)[Code]>]: string | number;
};

/** The English sentence. */
export function reasonText<Code extends ReasonCode>(
  code: Code,
  ...values: [PlacesOf<(typeof reasonTemplates)[Code]>] extends [never] ? [] : [Values<Code>]
): string {
  const given = (values[0] ?? {}) as Readonly<Record<string, string | number>>;
  return reasonTemplates[code].replace(/\{(\w+)\}/g, (_, place: string) => String(given[place]));
}

export interface Reason {
  readonly code: ReasonCode;
  readonly values: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly code: ReasonCode;
  readonly fixed: number;
  readonly places: readonly string[];
  readonly expression: RegExp;
}

/** Those with the most fixed text first: of two that fit, the one that says more is meant. */
const patterns: readonly Pattern[] = Object.entries(reasonTemplates)
  .map(([code, template]) => {
    const parts = template.split(/\{(\w+)\}/);
    const texts = parts.filter((_, at) => at % 2 === 0);
    const expression = texts.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("(.+?)");
    return {
      code: code as ReasonCode,
      fixed: texts.join("").length,
      places: parts.filter((_, at) => at % 2 === 1),
      expression: new RegExp(`^${expression}$`, "s"),
    };
  })
  .sort((a, b) => b.fixed - a.fixed);

/** Longer texts are no sentence of ours. */
const longestReason = 4000;

/** The code and values of a sentence that {@link reasonText} has made, whoever stored it meanwhile; else undefined. */
export function readReason(text: string): Reason | undefined {
  if (text.length > longestReason) return undefined;
  for (const { code, places, expression } of patterns) {
    const found = expression.exec(text);
    if (found === null) continue;
    return { code, values: Object.fromEntries(places.map((place, at) => [place, found[at + 1] ?? ""])) };
  }
  return undefined;
}
