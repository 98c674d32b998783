/** What the Salt engine says. Read by reasons.ts. */
export const saltReasons = {
  salt_no_key: "The Salt master has no accepted key of a minion “{minion}”. Start the minion, and accept its key.",
  salt_key_gone: "The Salt master has no accepted key of a minion “{minion}” any more.",
  salt_no_ping:
    "The minion “{minion}” did not answer the master's ping within {time}. See whether salt-minion runs there and reaches the master.",
  salt_not_connected:
    "The minion “{minion}” is not connected to its master, and did not answer a ping within {time}. See whether salt-minion runs there and reaches the master.",
  salt_cancelled_before_task: "The run was cancelled before the task began on {host}.",
  salt_timed_out_before_task: "It ran longer than {time} before the task began on {host}.",
  salt_never_reached: "The task did not reach {host}, and can no longer begin there.",
  salt_silent:
    "{host} was there shortly before the task was sent, and has answered nothing since: it is not known whether the task ran, or will. Look at the host.",
  salt_silent_ended: "{host} answered nothing for long after the task was sent; all its processes there were ended.",
  salt_lost: "What became of the task on {host} is not known: {detail}. Look at the host.",
  salt_perhaps_taken: "It is not known whether Salt took the job: {detail}",
  salt_job_gone: "{host} no longer runs the job and returned nothing. Look at the host.",
  salt_cancel_ended: "The run was cancelled; Salt ended its job on {host}.",
  salt_timeout_ended: "It ran longer than {time}; Salt ended its job on {host}.",
  salt_cancel_unproved: "The run was cancelled; that its job on {host} ended could not be confirmed.",
  salt_timeout_unproved: "It ran longer than {time}; that its job on {host} ended could not be confirmed.",
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
  salt_no_playbook: "Salt cannot play a playbook.",
  salt_not_compared: "{host} did not say in time what is at the destination.",
  salt_strange_answer: "The answer of {host} is not one of the engine's own. Look at the host.",
  salt_twice: "{host} got the same order twice; the second was not run.",
  salt_not_run: "Salt did not run it: {detail}",
  salt_too_large:
    "The file is larger than 16 MiB, which does not go with Salt jobs. Set engines.salt.fileRoot to a folder of the master's file server.",
  salt_content_not_taken: "{host} did not take the file's content in time.",
  salt_content_damaged: "The file's content came cut or damaged; nothing was sent.",
  salt_return_too_large:
    "What the function returned is larger than Salt lets through: raise max_event_size of minion and master, or run a command.",
  salt_answers: "The minion “{minion}” answers its master.",
  salt_closed: "The Salt engine was closed.",
  salt_api_untrusted:
    "The certificate of salt-api at {url} is not trusted ({detail}). Name the CA that signed it as engines.salt.caFile, and use the name that the certificate is made for.",
  salt_api_strange: "What answers at {url} is no salt-api: {detail}. Check engines.salt.url.",
  salt_denied:
    "Salt does not permit {call} to “{user}”. Give it {right} in external_auth ({eauth}) and the client {needed} in netapi_enable_clients of the master.",
  salt_functions_missing:
    "Salt does not permit {functions} to “{user}”. Give them to it in external_auth ({eauth}) of the master; docs/operators.md has an example.",
  salt_key_unknown: "The Salt master knows no key of a minion “{minion}”.",
  salt_key_not_changed: "The Salt master did not {action} the key of “{minion}”: it is {state} now.",
  salt_minion_knows_nothing: "the minion knows nothing of it any more",
  salt_keeper_ended: "what kept it on the host was ended",
  salt_cancelled_before: "The run was cancelled before the task began.",
  salt_answer_cut: "the master cut its answer (max_event_size) and kept no whole one",
  salt_not_ours: "its answer is not one of ours",
  salt_damaged: "its answer is damaged",
  salt_api_place: "salt-api at {place}",
  salt_not_permitted: "Salt does not permit {what} to “{user}”.",
  salt_permit_mend: "Give them to it in external_auth ({eauth}) of the master; docs/operators.md has an example.",
  salt_look_log: "Look at salt-api and its log.",
  salt_certificate: "The certificate of salt-api at {url} is not trusted ({detail}).",
  salt_certificate_mend:
    "Name the CA that signed it as engines.salt.caFile, and use the name that the certificate is made for.",
  salt_client_mend:
    "Give it {kind} in external_auth ({eauth}) and the client {client} in netapi_enable_clients of the master.",
  salt_status: "salt-api at {url} answered with status {status}.",
  salt_status_said: "salt-api at {url} answered with status {status} ({said}).",
  salt_status_mend:
    "See that rest_cherrypy runs there with the clients local_async, runner and wheel in netapi_enable_clients.",
  salt_no_api: "What answers at {url} is no salt-api: {detail}.",
  salt_check_url: "Check engines.salt.url.",
  salt_ca_unread: "The CA file {file} of engines.salt cannot be read.",
  salt_ca_mend: "Name a PEM file that the service's account may read as engines.salt.caFile.",
  salt_password_unread: "The password file {file} of engines.salt cannot be read.",
  salt_password_mend: "Make it readable for the service's account alone (mode 0600).",
  salt_api_silent: "salt-api did not answer in time.",
  salt_api_no_answer: "salt-api at {url} did not answer in time.",
  salt_api_no_reach: "salt-api at {url} cannot be reached ({detail}).",
  salt_api_port_mend: "See that salt-api runs there and that its port is open for the controller.",
  salt_api_refused: "salt-api at {url} refused the sign-in of “{user}” by {eauth}.",
  salt_api_refused_mend:
    "Check engines.salt.user, eauth and the password file, and that external_auth of the master knows the account.",
  salt_api_no_master: "salt-api at {url} answers, but does not reach its Salt master.",
  salt_api_master_mend: "See that salt-master runs there.",
  salt_function_denied: "Salt does not permit {client} {function} to “{user}”.",
  salt_secrets_files: "secrets go by the file server only",
  salt_no_token: "it gave no token",
  salt_no_return: "its answer has no “return”",
  salt_stream_ended: "the event stream ended",
  salt_look_at_it: "Look at it.",
} as const satisfies Record<string, string>;
