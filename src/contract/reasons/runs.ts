/** Why a host or a run ended as it did, whichever engine it was; and the notices of engines. Read by reasons.ts. */
export const runsReasons = {
  // Before the start, by the plan.
  host_disabled: "The host is disabled.",
  host_without_address: "The host has neither an inner nor an outer address.",
  jump_hosts_unreadable: "The host's jump hosts cannot be read: {detail}.",
  module_not_for_engine: "The module “{module}” has no implementation for the engine {engine}.",
  engine_cannot_check: "The engine {engine} cannot say what “{module}” would change without doing it.",
  // By the controller.
  cancelled_before_start: "Cancelled by {actor} before it started.",
  approval_expired: "Not started: no second person approved the run in time.",
  run_rejected: "Not started: {actor} rejected the run.",
  run_rejected_because: "Not started: {actor} rejected the run, and says: {comment}",
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
  cancel_unproved: "The run was cancelled; its end on {host} could not be confirmed.",
  timeout_unproved: "It ran longer than {time}; its end on {host} could not be confirmed.",
  // Notices of engines.
  host_key_shown: "The key shown by {place}: {key}.",
  host_key_trusted: "The host key of {place} was trusted on first use.",
} as const satisfies Record<string, string>;
